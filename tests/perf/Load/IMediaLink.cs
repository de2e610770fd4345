using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>What a client knows of its server: where media goes, and the keys.</summary>
internal interface IMediaLink : IDisposable
{
    bool IsConnected { get; }

    /// <summary>Why it cannot connect; null while it may.</summary>
    string? Failure { get; }

    /// <summary>What was agreed on, for the report.</summary>
    string Profile { get; }

    bool TryGetRemote(out TransportAddress remote);

    bool ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written);

    bool ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written);

    /// <summary>Takes a datagram in: media is decrypted in place, anything else is dealt with.</summary>
    LinkInput Handle(Span<byte> datagram, in TransportAddress from, MonotonicTime now, out int length);

    /// <summary>Timers, and what is to be sent beside media.</summary>
    void Poll(LoadSocket socket, MonotonicTime now);
}

internal enum LinkInput
{
    Other,
    Rtp,
    Rtcp,

    /// <summary>Media that did not decrypt.</summary>
    Bad,
}

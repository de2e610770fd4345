using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>A client's connection to its server: the destination of media, and the keys.</summary>
internal interface IMediaLink : IDisposable
{
    bool IsConnected { get; }

    /// <summary>Why it cannot connect; null while it may.</summary>
    string? Failure { get; }

    /// <summary>The negotiated parameters, for the report.</summary>
    string Profile { get; }

    bool TryGetRemote(out TransportAddress remote);

    bool ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written);

    bool ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written);

    /// <summary>Handles a datagram: media are decrypted in place, everything else is processed.</summary>
    LinkInput Handle(Span<byte> datagram, in TransportAddress from, MonotonicTime now, out int length);

    /// <summary>Runs the timers, and sends everything except media.</summary>
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

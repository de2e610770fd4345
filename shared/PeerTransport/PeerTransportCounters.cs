using JitsiMesh.Ice;

namespace JitsiMesh.PeerTransport;

/// <summary>Why a datagram was thrown away.</summary>
public enum PeerDrop
{
    /// <summary>The first byte belongs to no protocol that we speak, or there are fewer than two.</summary>
    UnknownClass,

    /// <summary>The agent refused it; see <see cref="PeerTransportCounters.this[IceInput]"/> for the reason.</summary>
    Stun,

    /// <summary>DTLS from an address without an authentic check.</summary>
    DtlsFromStranger,

    /// <summary>DTLS before a valid pair, beyond <see cref="PeerTransportLimits.MaxEarlyDtls"/>.</summary>
    EarlyDtlsFull,

    /// <summary>DTLS after the connection failed or was closed.</summary>
    DtlsAfterEnd,

    /// <summary>RTP or RTCP before the handshake was done.</summary>
    MediaBeforeKeys,

    SrtpAuthentication,

    /// <summary>A replay, or too old to decide.</summary>
    SrtpReplayed,

    /// <summary>Too short, not RTP, or no room for another source.</summary>
    SrtpMalformed,

    /// <summary>Application data without an SCTP association.</summary>
    SctpDisabled,

    /// <summary>A channel message that found the event queue full.</summary>
    EventsFull,
}

/// <summary>Counts of one peer. Not thread-safe; read it from the owner's thread.</summary>
public sealed class PeerTransportCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<PeerDrop>().Length];
    private readonly long[] _ice = new long[Enum.GetValues<IceInput>().Length];

    public long RtpReceived { get; internal set; }

    public long RtcpReceived { get; internal set; }

    public long DtlsReceived { get; internal set; }

    public long this[PeerDrop reason] => _drops[(int)reason];

    public long this[IceInput result] => _ice[(int)result];

    internal void Count(PeerDrop reason) => _drops[(int)reason]++;

    internal void Count(IceInput result)
    {
        _ice[(int)result]++;
        if (result >= IceInput.Malformed) Count(PeerDrop.Stun);
    }
}

namespace JitsiMesh.Sctp;

public static class SctpLimits
{
    /// <summary>The largest packet written: with DTLS (37 bytes), UDP and IPv6 it fits the minimum MTU of 1280. A multiple of four.</summary>
    public const int MaxPacket = 1188;

    /// <summary>The largest packet read; a larger one is dropped and counted.</summary>
    public const int MaxPacketRead = 2048;

    /// <summary>Packets that wait to be sent; data stays in its queue while this one is full.</summary>
    public const int MaxQueuedPackets = 256;

    /// <summary>Control chunks that wait for a packet; one more is dropped, as if the network had lost it.</summary>
    public const int MaxQueuedControlChunks = 64;

    /// <summary>Streams announced in each direction. DATA for a higher number is acknowledged, reported (ERROR 1) and thrown away.</summary>
    public const int MaxStreams = 1024;

    /// <summary>How far a TSN may be ahead of the cumulative one: the range of a gap block's 16-bit offsets. A later one is dropped unacknowledged.</summary>
    public const int MaxTsnAhead = ushort.MaxValue;

    /// <summary>Separate runs of TSNs kept above the cumulative one. A chunk that would add a run is dropped unacknowledged.</summary>
    public const int MaxGaps = 1024;

    /// <summary>Gap blocks in one SACK; later SACKs report the rest.</summary>
    public const int MaxGapBlocksSent = 200;

    /// <summary>Duplicate TSNs remembered for the next SACK; more are not reported.</summary>
    public const int MaxDuplicatesSent = 20;

    /// <summary>The overhead of a received fragment, counted against the receive window so that many tiny ones cannot evade it.</summary>
    public const int PieceOverhead = 64;

    /// <summary>Unrecognized parameters reported back from one INIT; more are ignored.</summary>
    public const int MaxReportedParameters = 16;

    /// <summary>The largest state cookie echoed; a server that sends a larger one is not answered, and the INIT is repeated.</summary>
    public const int MaxCookie = 1024;

    /// <summary>The largest HEARTBEAT answered; the answer has the same size and must fit in a packet.</summary>
    public const int MaxHeartbeat = 1024;

    /// <summary>The congestion window's ceiling, in bytes.</summary>
    public const int MaxCongestionWindow = 1 << 20;

    /// <summary>The longest label or protocol of a data channel, in bytes of UTF-8. An OPEN with a longer one is refused.</summary>
    public const int MaxLabel = 1024;

    /// <summary>Streams whose reset waits for its turn. Bounded by the channels and the refused OPENs; more are not reset.</summary>
    public const int MaxQueuedResets = 256;

    /// <summary>How often a client restarts the handshake after a stale cookie (RFC 9260 section 5.2.6).</summary>
    public const int MaxStaleCookies = 3;

    /// <summary>Events that wait for the owner, messages apart (those count against the receive window).</summary>
    public const int MaxQueuedEvents = 4096;
}

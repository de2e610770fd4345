namespace JitsiMesh.Sctp;

/// <summary>Why a packet, chunk or message was thrown away.</summary>
public enum SctpDrop
{
    TooShort,
    TooLong,
    BadChecksum,
    WrongPort,
    WrongVerificationTag,
    MalformedChunk,
    UnexpectedChunk,
    UnknownChunk,
    BadCookie,
    StaleCookie,
    InvalidStream,
    WindowExceeded,
    TooFarAhead,
    DuplicateTsn,
    MessageTooLong,
    UnknownChannel,
    UnknownPpid,
    MalformedDcep,
    ChannelRefused,
    QueueFull,
}

public sealed class SctpCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<SctpDrop>().Length];

    public long PacketsReceived { get; internal set; }

    public long PacketsSent { get; internal set; }

    public long DataChunksSent { get; internal set; }

    public long DataChunksRetransmitted { get; internal set; }

    public long FastRetransmissions { get; internal set; }

    public long RetransmissionTimeouts { get; internal set; }

    public long MessagesAbandoned { get; internal set; }

    public long this[SctpDrop reason] => _drops[(int)reason];

    internal void Count(SctpDrop reason) => _drops[(int)reason]++;
}

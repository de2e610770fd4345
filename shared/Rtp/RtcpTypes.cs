namespace JitsiMesh.Rtp;

/// <summary>RTCP packet types (IANA "RTCP Control Packet Types").</summary>
public enum RtcpPacketType : byte
{
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Bye = 203,
    App = 204,
    TransportFeedback = 205,
    PayloadFeedback = 206,
    ExtendedReport = 207,
}

/// <summary>The kind of a packet, including its feedback message type.</summary>
public enum RtcpKind
{
    Unknown,
    SenderReport,
    ReceiverReport,
    SourceDescription,
    Bye,
    App,

    /// <summary>Generic NACK (RFC 4585 section 6.2.1).</summary>
    Nack,

    /// <summary>Transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01).</summary>
    TransportFeedback,

    /// <summary>Congestion control feedback (RFC 8888).</summary>
    CongestionFeedback,

    /// <summary>Picture loss indication (RFC 4585 section 6.3.1).</summary>
    Pli,

    /// <summary>Full intra request (RFC 5104 section 4.3.1).</summary>
    Fir,

    /// <summary>Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03).</summary>
    Remb,
    ExtendedReport,
}

/// <summary>Why the iteration over a compound ended.</summary>
public enum RtcpParseError
{
    None,
    TooShort,
    WrongVersion,

    /// <summary>A length field reaches past the end of the datagram.</summary>
    LengthExceedsData,
    PaddingInvalid,
    TooManyPackets,
}

/// <summary>Feedback message types (the FMT field).</summary>
public static class RtcpFormats
{
    public const int Nack = 1;
    public const int CongestionFeedback = 11;
    public const int TransportFeedback = 15;
    public const int Pli = 1;
    public const int Fir = 4;
    public const int ApplicationLayer = 15;

    /// <summary>"REMB" in ASCII, which distinguishes it from other application layer feedback.</summary>
    public const uint RembIdentifier = 0x52454D42;
}

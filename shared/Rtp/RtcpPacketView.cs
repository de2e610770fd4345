using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>One packet of a compound. RFC 3550 section 6.4.1: <c>|V=2|P| count/FMT | PT | length in words - 1 |</c>, then the body.</summary>
public readonly ref struct RtcpPacketView
{
    internal RtcpPacketView(ReadOnlySpan<byte> data) => Data = data;

    /// <summary>The packet with its 4-byte header, without padding.</summary>
    public ReadOnlySpan<byte> Data { get; }

    public RtcpPacketType Type => (RtcpPacketType)Data[1];

    /// <summary>Report or source count, or the feedback message type.</summary>
    public int Count => Data[0] & 0x1F;

    public ReadOnlySpan<byte> Body => Data[4..];

    public RtcpKind Kind => Type switch
    {
        RtcpPacketType.SenderReport => RtcpKind.SenderReport,
        RtcpPacketType.ReceiverReport => RtcpKind.ReceiverReport,
        RtcpPacketType.SourceDescription => RtcpKind.SourceDescription,
        RtcpPacketType.Bye => RtcpKind.Bye,
        RtcpPacketType.App => RtcpKind.App,
        RtcpPacketType.ExtendedReport => RtcpKind.ExtendedReport,
        RtcpPacketType.TransportFeedback => Count switch
        {
            RtcpFormats.Nack => RtcpKind.Nack,
            RtcpFormats.CongestionFeedback => RtcpKind.CongestionFeedback,
            RtcpFormats.TransportFeedback => RtcpKind.TransportFeedback,
            _ => RtcpKind.Unknown,
        },
        RtcpPacketType.PayloadFeedback => Count switch
        {
            RtcpFormats.Pli => RtcpKind.Pli,
            RtcpFormats.Fir => RtcpKind.Fir,
            RtcpFormats.ApplicationLayer when Body.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(Body[8..]) == RtcpFormats.RembIdentifier => RtcpKind.Remb,
            _ => RtcpKind.Unknown,
        },
        _ => RtcpKind.Unknown,
    };

    /// <summary>The first word of the body: the sender's SSRC in all but SDES and BYE; 0 when there is no body.</summary>
    public uint SenderSsrc => Body.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(Body) : 0;

    /// <summary>The media source of a feedback packet (RFC 4585 section 6.1); 0 when the body is shorter, and in FIR and REMB.</summary>
    public uint MediaSsrc => Body.Length >= 8 ? BinaryPrimitives.ReadUInt32BigEndian(Body[4..]) : 0;

    /// <summary>What follows sender and media SSRC in a feedback packet.</summary>
    public ReadOnlySpan<byte> FeedbackControl => Body.Length >= 8 ? Body[8..] : default;
}

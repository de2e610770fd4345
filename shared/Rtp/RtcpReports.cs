using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>
/// A report block (RFC 3550 section 6.4.1), 24 bytes: SSRC; fraction lost (of 256) and cumulative lost (24 bits, signed); extended highest
/// sequence number; jitter in RTP units; LSR; DLSR in 1/65536 s.
/// </summary>
public readonly record struct ReportBlock(
    uint Ssrc, byte FractionLost, int CumulativeLost, uint ExtendedHighestSequenceNumber, uint Jitter, uint LastSenderReport, uint DelaySinceLastSenderReport)
{
    public const int Length = 24;

    internal static ReportBlock Read(ReadOnlySpan<byte> data) => new(
        BinaryPrimitives.ReadUInt32BigEndian(data),
        data[4],
        (int)(BinaryPrimitives.ReadUInt32BigEndian(data[4..]) << 8) >> 8,
        BinaryPrimitives.ReadUInt32BigEndian(data[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(data[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(data[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(data[20..]));

    internal void Write(Span<byte> data)
    {
        BinaryPrimitives.WriteUInt32BigEndian(data, Ssrc);
        var lost = Math.Clamp(CumulativeLost, -0x80_0000, 0x7F_FFFF);
        BinaryPrimitives.WriteUInt32BigEndian(data[4..], (uint)lost & 0x00FF_FFFF);
        data[4] = FractionLost;
        BinaryPrimitives.WriteUInt32BigEndian(data[8..], ExtendedHighestSequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(data[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(data[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(data[20..], DelaySinceLastSenderReport);
    }
}

/// <summary>The report blocks of an SR or RR, by index.</summary>
public readonly ref struct ReportBlocks(ReadOnlySpan<byte> data, int count)
{
    private readonly ReadOnlySpan<byte> _data = data;

    public int Count { get; } = count;

    public ReportBlock this[int index] => ReportBlock.Read(_data.Slice(index * ReportBlock.Length, ReportBlock.Length));
}

/// <summary>The sender information of an SR (RFC 3550 section 6.4.1).</summary>
public readonly record struct SenderInfo(NtpTime Ntp, uint RtpTimestamp, uint PacketCount, uint OctetCount);

public readonly ref struct SenderReportView
{
    private const int InfoLength = 24;

    private SenderReportView(uint ssrc, SenderInfo info, ReportBlocks blocks)
    {
        Ssrc = ssrc;
        Info = info;
        Blocks = blocks;
    }

    public uint Ssrc { get; }

    public SenderInfo Info { get; }

    public ReportBlocks Blocks { get; }

    public static bool TryParse(scoped in RtcpPacketView packet, out SenderReportView report)
    {
        report = default;
        var body = packet.Body;
        if (packet.Type != RtcpPacketType.SenderReport || body.Length < InfoLength + (packet.Count * ReportBlock.Length)) return false;
        var info = new SenderInfo(
            new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(body[4..])),
            BinaryPrimitives.ReadUInt32BigEndian(body[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[20..]));
        report = new SenderReportView(packet.SenderSsrc, info, new ReportBlocks(body[InfoLength..], packet.Count));
        return true;
    }
}

public readonly ref struct ReceiverReportView
{
    private ReceiverReportView(uint ssrc, ReportBlocks blocks)
    {
        Ssrc = ssrc;
        Blocks = blocks;
    }

    public uint Ssrc { get; }

    public ReportBlocks Blocks { get; }

    public static bool TryParse(scoped in RtcpPacketView packet, out ReceiverReportView report)
    {
        report = default;
        var body = packet.Body;
        if (packet.Type != RtcpPacketType.ReceiverReport || body.Length < 4 + (packet.Count * ReportBlock.Length)) return false;
        report = new ReceiverReportView(packet.SenderSsrc, new ReportBlocks(body[4..], packet.Count));
        return true;
    }
}

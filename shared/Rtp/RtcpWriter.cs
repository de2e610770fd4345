using System.Buffers.Binary;
using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp;

/// <summary>
/// Writes a compound packet by packet into a span. A packet that does not fit as a whole is not started and the call returns false (or the number that it could write),
/// so the caller sends <see cref="Written"/> and continues in a new datagram.
/// </summary>
public ref struct RtcpWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Position { get; private set; }

    public readonly int Remaining => _destination.Length - Position;

    public readonly Span<byte> Written => _destination[..Position];

    /// <param name="blocks">At most 31.</param>
    public bool TryWriteSenderReport(uint ssrc, in SenderInfo info, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        if (blocks.Length > RtpLimits.MaxReportBlocks || !TryBegin(RtcpPacketType.SenderReport, blocks.Length, 24 + (blocks.Length * ReportBlock.Length), out var body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], info.Ntp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], info.RtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], info.PacketCount);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], info.OctetCount);
        WriteBlocks(body[24..], blocks);
        return true;
    }

    /// <param name="blocks">At most 31.</param>
    public bool TryWriteReceiverReport(uint ssrc, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        if (blocks.Length > RtpLimits.MaxReportBlocks || !TryBegin(RtcpPacketType.ReceiverReport, blocks.Length, 4 + (blocks.Length * ReportBlock.Length), out var body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        WriteBlocks(body[4..], blocks);
        return true;
    }

    /// <summary>SDES with one chunk that contains a CNAME of at most 255 bytes of UTF-8.</summary>
    public bool TryWriteCname(uint ssrc, scoped ReadOnlySpan<byte> cname)
    {
        if (cname.Length > 255) return false;
        var length = (4 + 2 + cname.Length + 4) & ~3;
        if (!TryBegin(RtcpPacketType.SourceDescription, 1, length, out var body)) return false;
        body.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        body[4] = SdesItem.Cname;
        body[5] = (byte)cname.Length;
        cname.CopyTo(body[6..]);
        return true;
    }

    public bool TryWritePli(uint senderSsrc, uint mediaSsrc) =>
        TryBeginFeedback(RtcpPacketType.PayloadFeedback, RtcpFormats.Pli, senderSsrc, mediaSsrc, 0, out _);

    /// <summary>Requests missing packets. Numbers should ascend (with wrap) so that neighbours share one 4-byte entry.</summary>
    /// <returns>The number of sequence numbers written; fewer than given when the datagram is full, 0 when not even one fits.</returns>
    public int WriteNack(uint senderSsrc, uint mediaSsrc, scoped ReadOnlySpan<ushort> missing)
    {
        var room = (Remaining - 12) / 4;
        if (missing.IsEmpty || room <= 0) return 0;
        var entries = 0;
        var taken = 0;
        var entryStart = Position + 12;
        while (taken < missing.Length && entries < room)
        {
            var pid = missing[taken++];
            ushort mask = 0;
            for (; taken < missing.Length; taken++)
            {
                var distance = SequenceArithmetic.Distance(pid, missing[taken]);
                if (distance is < 1 or > 16) break;
                mask |= (ushort)(1 << (distance - 1));
            }

            var entry = _destination[(entryStart + (4 * entries))..];
            BinaryPrimitives.WriteUInt16BigEndian(entry, pid);
            BinaryPrimitives.WriteUInt16BigEndian(entry[2..], mask);
            entries++;
        }

        TryBeginFeedback(RtcpPacketType.TransportFeedback, RtcpFormats.Nack, senderSsrc, mediaSsrc, 4 * entries, out _);
        return taken;
    }

    public bool TryWriteReceiverReferenceTime(uint ssrc, NtpTime time)
    {
        if (!TryBegin(RtcpPacketType.ExtendedReport, 0, 16, out var body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], ((uint)XrBlockType.ReceiverReferenceTime << 24) | 2);
        BinaryPrimitives.WriteUInt64BigEndian(body[8..], time.Value);
        return true;
    }

    public bool TryWriteDlrr(uint ssrc, scoped ReadOnlySpan<DlrrEntry> entries)
    {
        if (!TryBegin(RtcpPacketType.ExtendedReport, 0, 8 + (entries.Length * DlrrEntry.Length), out var body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], ((uint)XrBlockType.Dlrr << 24) | (uint)(3 * entries.Length));
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = body[(8 + (i * DlrrEntry.Length))..];
            BinaryPrimitives.WriteUInt32BigEndian(entry, entries[i].Ssrc);
            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], entries[i].LastReceiverReport);
            BinaryPrimitives.WriteUInt32BigEndian(entry[8..], entries[i].DelaySinceLastReceiverReport);
        }

        return true;
    }

    /// <summary>
    /// Writes one transport-wide feedback packet; see <see cref="TransportFeedbackWriter"/>.
    /// </summary>
    /// <returns>The number of arrivals that it covers.</returns>
    public int WriteTransportFeedback(uint senderSsrc, uint mediaSsrc, byte feedbackCount, ushort baseSequence, scoped ReadOnlySpan<long> arrivals)
    {
        var taken = TransportFeedbackWriter.Write(_destination[Position..], senderSsrc, mediaSsrc, feedbackCount, baseSequence, arrivals, out var written);
        Position += written;
        return taken;
    }

    /// <summary>Appends packets that are already serialized.</summary>
    public bool TryWriteRaw(scoped ReadOnlySpan<byte> packet)
    {
        if (packet.Length > Remaining) return false;
        packet.CopyTo(_destination[Position..]);
        Position += packet.Length;
        return true;
    }

    private bool TryBeginFeedback(RtcpPacketType type, int format, uint senderSsrc, uint mediaSsrc, int controlLength, out Span<byte> control)
    {
        control = default;
        if (!TryBegin(type, format, 8 + controlLength, out var body)) return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, senderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], mediaSsrc);
        control = body[8..];
        return true;
    }

    private bool TryBegin(RtcpPacketType type, int count, int bodyLength, out Span<byte> body)
    {
        body = default;
        if (4 + bodyLength > Remaining || bodyLength > 4 * 65535) return false;
        var packet = _destination.Slice(Position, 4 + bodyLength);
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(bodyLength / 4));
        Position += packet.Length;
        body = packet[4..];
        return true;
    }

    private static void WriteBlocks(Span<byte> destination, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        for (var i = 0; i < blocks.Length; i++) blocks[i].Write(destination[(i * ReportBlock.Length)..]);
    }
}

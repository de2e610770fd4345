namespace JitsiMesh.Rtp.Tests.Fuzz;

/// <summary>Any bytes as an RTCP compound, every reader run over every packet.</summary>
public static class RtcpFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        foreach (var packet in new RtcpCompound(data))
        {
            _ = packet.Kind;
            _ = packet.SenderSsrc + packet.MediaSsrc;
            if (SenderReportView.TryParse(packet, out var sender)) for (var i = 0; i < sender.Blocks.Count; i++) _ = sender.Blocks[i];
            if (ReceiverReportView.TryParse(packet, out var receiver)) for (var i = 0; i < receiver.Blocks.Count; i++) _ = receiver.Blocks[i];
            foreach (var item in new SdesItems(packet)) _ = item.Text.Length;
            if (ByeView.TryParse(packet, out var bye)) for (var i = 0; i < bye.Count; i++) _ = bye[i];
            foreach (var number in new NackedSequenceNumbers(packet)) _ = number;
            var entries = new FirEntries(packet);
            for (var i = 0; i < entries.Count; i++) _ = entries[i];
            if (RembView.TryParse(packet, out var remb)) for (var i = 0; i < remb.SsrcCount; i++) _ = remb.GetSsrc(i);
            foreach (var block in new XrBlocks(packet))
            {
                block.TryReadReferenceTime(out _);
                for (var i = 0; i < block.DlrrCount; i++) _ = block.GetDlrr(i);
            }

            if (!TransportFeedbackView.TryParse(packet, out var feedback)) continue;
            var count = 0;
            foreach (var status in feedback.Statuses) count += status.Received ? 1 : 1;
            if (count != feedback.StatusCount) throw new InvalidOperationException("the statuses are not as many as announced");
        }
    }
}

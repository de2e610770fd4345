namespace JitsiMesh.Rtp.Tests;

public sealed class AllocationTests
{
    // Arrays, as constant spans of wide numbers cost an allocation in code that is not optimised.
    private static readonly ushort[] Missing = [1, 2, 3];
    private static readonly long[] Arrivals = [1000, -1, 1004];

    [Fact]
    public void Reading_and_rebuilding_a_packet_allocates_nothing()
    {
        var packet = Bytes.Hex("90 E0 FFFF 01020304 DEADBEEF BEDE 0003 10 AA 21 BB BB 00 00 33 CC CC CC CC 90 F0 9234 07 A5 10 02 00 9D 01 2A 8002 6801");
        var feedback = Bytes.Hex("AF CD 0006 00000001 00000002 0010 0009 000002 03 2002 A040 04 08 0C 01");
        var keyframe = Av1DependencyDescriptorTests.L1T2Keyframe(1);
        var delta = Av1DependencyDescriptorTests.Delta(62, 2);
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(keyframe, out _);
        var buffer = new byte[256];
        Round(packet, feedback, delta, reader, buffer);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Round(packet, feedback, delta, reader, buffer);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Round(byte[] data, byte[] feedback, byte[] delta, Av1DependencyDescriptorReader reader, byte[] buffer)
    {
        _ = RtpPacketView.TryParse(data, out var packet);
        var builder = RtpHeaderBuilder.From(packet, buffer);
        foreach (var extension in packet.Extensions) builder.TryAdd(extension.Id, extension.Value);
        builder.TryAdd(20, [1, 2]);
        builder.Finish();
        _ = Vp8Descriptor.TryParse(packet.Payload, out var descriptor);
        descriptor.RewritePictureId(buffer.AsSpan(100), 1);
        foreach (var rtcp in new RtcpCompound(feedback))
        {
            if (!TransportFeedbackView.TryParse(rtcp, out var view)) continue;
            foreach (var status in view.Statuses) _ = status.ArrivalTicks;
        }

        var writer = new RtcpWriter(buffer);
        writer.WriteNack(1, 2, Missing);
        writer.WriteTransportFeedback(1, 2, 3, 4, Arrivals);
        reader.Read(delta, out _);
    }
}

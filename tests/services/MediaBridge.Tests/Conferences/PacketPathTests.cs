using JitsiMesh.Headless.Media;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

public sealed class PacketPathTests
{
    [Fact]
    public void SteadyPath_AllocatesNothingPerPacket()
    {
        using var call = new BridgeCall(1);
        var a = call.Join(new HeadlessEndpointOptions { Id = "aaaa0001", AudioLevel = 30 });
        var receivers = Enumerable.Range(0, 3).Select(i => call.Join(new HeadlessEndpointOptions { Id = $"bbbb000{i}", SendsAudio = false, SendsVideo = false })).ToArray();
        call.Until(() => receivers.All(r => r.Streams.Values.Any(s => s.DecodableFrames > 30)));
        call.Run(5);

        // What the sender sends in the next second, caught on its way and handed to the shard by hand.
        var caught = new List<(byte[] Datagram, TransportAddress From)>();
        call.Network.Drop = d =>
        {
            if (d.Destination == call.Port.Local && d.Bytes.Span[0] is >= 128 and <= 191 && d.Bytes.Span[1] is < 192 or > 223) caught.Add((d.Bytes.ToArray(), d.Source));
            return true;
        };
        call.Run(1);
        Assert.True(caught.Count > 150, $"{caught.Count}");
        call.Port.Sent.Clear();
        call.Port.Discards = true;

        var now = call.Network.Now;
        var half = caught.Count / 2;
        for (var i = 0; i < half; i++) Feed(i);
        var committed = call.Port.Committed;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = half; i < caught.Count; i++) Feed(i);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(call.Port.Committed - committed > caught.Count / 2, "the packets were forwarded");
        Assert.True(allocated == 0, $"{allocated} bytes for {caught.Count - half} packets");

        void Feed(int index)
        {
            now += TimeSpan.FromMilliseconds(2);
            call.Shard.HandleDatagram(caught[index].Datagram, call.Port.Local, caught[index].From, now);
        }
    }
}

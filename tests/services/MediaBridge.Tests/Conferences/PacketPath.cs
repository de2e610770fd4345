using JitsiMesh.Headless.Media;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>
/// Measures the allocations of the packet path in steady state: captures a second of one sender's datagrams, passes them to the shard directly, and counts the second half.
/// Used by the test that asserts zero bytes, and by the benchmark that prints the result.
/// </summary>
internal static class PacketPath
{
    /// <returns>Bytes, received packets, sent packets.</returns>
    public static (long Allocated, int Received, long Sent) Measure(int receivers)
    {
        using var call = new BridgeCall(1);
        call.Join(new HeadlessEndpointOptions { Id = "aaaa0001", AudioLevel = 30 });
        var listeners = Enumerable.Range(0, receivers).Select(i => call.Join(new HeadlessEndpointOptions { Id = $"bbbb{i:0000}", SendsAudio = false, SendsVideo = false })).ToArray();
        call.Until(() => listeners.All(r => r.Streams.Values.Any(s => s.DecodableFrames > 30)), 20);
        call.Run(5);

        var caught = new List<(byte[] Datagram, TransportAddress From)>();
        call.Network.Drop = d =>
        {
            if (d.Destination == call.Port.Local && d.Bytes.Span[0] is >= 128 and <= 191 && d.Bytes.Span[1] is < 192 or > 223) caught.Add((d.Bytes.ToArray(), d.Source));
            return true;
        };
        call.Run(1);
        call.Port.Sent.Clear();
        call.Port.Discards = true;

        var now = call.Network.Now;
        var half = caught.Count / 2;
        for (var i = 0; i < half; i++) Feed(i);
        var committed = call.Port.Committed;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = half; i < caught.Count; i++) Feed(i);
        return (GC.GetAllocatedBytesForCurrentThread() - before, caught.Count - half, call.Port.Committed - committed);

        void Feed(int index)
        {
            now += TimeSpan.FromMilliseconds(2);
            call.Shard.HandleDatagram(caught[index].Datagram, call.Port.Local, caught[index].From, now);
        }
    }
}

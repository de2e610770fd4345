using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Ingress;

public sealed class IngressPartsTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromSeconds(50);

    [Fact]
    public void GapCloser_ClosesDiscardedAndPlacesLatePackets()
    {
        var closer = new SequenceGapCloser();
        Assert.True(closer.TryPass(100, out var a));
        closer.Discard(101);
        closer.Discard(102);
        Assert.True(closer.TryPass(104, out var b));
        Assert.True(closer.TryPass(103, out var late));
        Assert.True(closer.TryPass(105, out var c));
        Assert.Equal([100, 102, 101, 103], [a, b, late, c]);
    }

    [Fact]
    public void DuplicateFilter_TakesEachNumberOnce()
    {
        var filter = new DuplicateFilter();
        Assert.True(filter.TryAdd(70_000));
        Assert.False(filter.TryAdd(70_000));
        Assert.True(filter.TryAdd(70_005));
        Assert.True(filter.TryAdd(70_003));
        Assert.False(filter.TryAdd(70_003));
        Assert.False(filter.TryAdd(70_005 - DuplicateFilter.Window));
        Assert.True(filter.TryAdd(70_000 + (3 * DuplicateFilter.Window)));
    }

    [Fact]
    public void Nacks_AskAtOnceAndAgainUntilTheLimit()
    {
        var nacks = new NackRequester();
        Span<ushort> numbers = stackalloc ushort[64];
        nacks.OnPacket(1000, Start);
        nacks.OnPacket(1003, Start);
        Assert.Equal(2, nacks.Collect(Start, numbers));
        Assert.Equal((1001, 1002), (numbers[0], numbers[1]));
        Assert.Equal(0, nacks.Collect(Start + TimeSpan.FromMilliseconds(149), numbers));
        nacks.OnPacket(1001, Start);
        var asked = 0;
        for (var i = 1; i < 30; i++) asked += nacks.Collect(Start + (NackRequester.Repeat * i), numbers);
        Assert.Equal(NackRequester.MaxRequests - 1, asked);
        Assert.Equal(MonotonicTime.Never, nacks.NextTimeout);
    }

    [Fact]
    public void Nacks_ForgetAllAfterAWideGap()
    {
        var nacks = new NackRequester();
        Span<ushort> numbers = stackalloc ushort[64];
        nacks.OnPacket(1000, Start);
        nacks.OnPacket(1000 + NackRequester.MaxGap + 1, Start);
        Assert.Equal(0, nacks.Collect(Start, numbers));
    }

    [Fact]
    public void PacketRing_GivesBackWhatIsYoungAndRefusesWhatIsGone()
    {
        var ring = new PacketRing();
        var positions = new List<(long Position, int Size, byte First)>();
        var random = new SeededRandomSource(3);
        for (var i = 0; i < 3000; i++)
        {
            var payload = new byte[1 + random.NextInt(1300)];
            payload[0] = (byte)i;
            var packet = new IngressPacket { Payload = payload, Orientation = i % 2 == 0 ? -1 : 3, Arrival = Start + TimeSpan.FromMilliseconds(i * 4) };
            positions.Add((ring.Append(packet), payload.Length, (byte)i));
            Assert.True(ring.TryRead(positions[^1].Position, out var back, out _, out var orientation));
            Assert.Equal((payload.Length, (byte)i, i % 2 == 0 ? -1 : 3), (back.Length, back[0], orientation));
        }

        // At least the last half second is stored, and every stored packet is correct.
        var kept = 0;
        foreach (var (position, size, first) in positions)
        {
            if (!ring.TryRead(position, out var payload, out _, out _)) continue;
            Assert.Equal((size, first), (payload.Length, payload[0]));
            kept++;
        }

        Assert.InRange(kept, 125, 2000);
        Assert.False(ring.TryRead(positions[0].Position, out _, out _, out _));
        Assert.False(ring.TryRead(-1, out _, out _, out _));
    }

    [Fact]
    public void PacketRing_KeepsWhatIsInItWhenItGrows()
    {
        var ring = new PacketRing();
        var positions = new List<long>();
        for (var i = 0; i < 200; i++)
        {
            var payload = new byte[900 + (i % 7)];
            Array.Fill(payload, (byte)i);
            positions.Add(ring.Append(new IngressPacket { Payload = payload, Descriptor = new byte[] { (byte)i, 1, 2 }, Orientation = -1, Arrival = Start + TimeSpan.FromMilliseconds(i) }));
        }

        for (var i = 0; i < positions.Count; i++)
        {
            Assert.True(ring.TryRead(positions[i], out var payload, out var descriptor, out _), $"{i}");
            Assert.Equal(900 + (i % 7), payload.Length);
            Assert.Equal(((byte)i, (byte)i, (byte)i), (payload[0], payload[^1], descriptor[0]));
        }
    }

    [Fact]
    public void RateMeter_MeasuresTheLastSecond()
    {
        var meter = new RateMeter();
        for (var i = 0; i < 300; i++) meter.Add(125, Start + TimeSpan.FromMilliseconds(10 * i));
        Assert.InRange(meter.BitsPerSecond(Start + TimeSpan.FromSeconds(3)), 90_000, 110_000);
        Assert.Equal(0, meter.BitsPerSecond(Start + TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Red_GivesThePrimaryBlock()
    {
        byte[] payload = [0x80 | 111, 0, 0, 2, 111, 9, 9, 1, 2, 3];
        var packet = new IngressPacket { Payload = payload, PayloadType = 112 };
        Assert.True(RedPayload.TryGetPrimary(packet, out var primary));
        Assert.Equal(111, primary.PayloadType);
        Assert.Equal([1, 2, 3], primary.Payload.ToArray());
        Assert.False(RedPayload.TryGetPrimary(new IngressPacket { Payload = new byte[] { 0x80 | 111, 0, 0 } }, out _));
    }
}

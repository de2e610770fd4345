using FsCheck.Xunit;
using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp.Tests;

public sealed class TransportFeedbackTests
{
    // Hand-laid after the draft's figures: base 0x0010, 9 statuses, reference time 2 (128 ms), count 3; a run of 2 small, a one-bit vector.
    private static readonly byte[] Golden = Bytes.Hex("AF CD 0006 00000001 00000002 0010 0009 000002 03 2002 A040 04 08 0C 01");

    [Fact]
    public void Parse_Golden_GivesArrivals()
    {
        Assert.True(TransportFeedbackView.TryParse(Bytes.Single(Golden), out var feedback));
        Assert.Equal((1u, 2u, (ushort)16, 9, 2, (byte)3), (feedback.SenderSsrc, feedback.MediaSsrc, feedback.BaseSequenceNumber, feedback.StatusCount, feedback.ReferenceTime, feedback.FeedbackCount));
        var received = new List<(ushort, long)>();
        foreach (var status in feedback.Statuses)
        {
            if (status.Received) received.Add((status.SequenceNumber, status.ArrivalTicks));
        }

        // The vector 10 1000 0001 0000 00: symbols 0 and 7 of it cover numbers 18 and 25, and only seven of its fourteen count.
        Assert.Equal([(16, 516), (17, 524), (18, 536)], received);
    }

    [Fact]
    public void Parse_NegativeReferenceTimeAndDelta_AreSigned()
    {
        var data = Bytes.Hex("8F CD 0005 00000001 00000002 FFFF 0001 FFFFFF 00 4001 FFFC");
        Assert.True(TransportFeedbackView.TryParse(Bytes.Single(data), out var feedback));
        var walk = feedback.Statuses;
        Assert.True(walk.MoveNext());
        Assert.Equal(new TransportFeedbackStatus(65535, true, -256 - 4), walk.Current);
        Assert.False(walk.MoveNext());
    }

    [Theory]
    [InlineData("8F CD 0003 00000001 00000002 0001 0001")]
    [InlineData("8F CD 0004 00000001 00000002 0001 0000 000001 00")]
    [InlineData("8F CD 0005 00000001 00000002 0001 0003 000001 00 2001 0000")]
    [InlineData("8F CD 0005 00000001 00000002 0001 0003 000001 00 2003 0000")]
    [InlineData("8F CD 0005 00000001 00000002 0001 0003 000001 00 0000 0000")]
    [InlineData("8F CD 0005 00000001 00000002 0001 8000 000001 00 3FFF 0000")]
    public void Parse_Inconsistent_IsRefused(string hex) =>
        Assert.False(TransportFeedbackView.TryParse(Bytes.Single(Bytes.Hex(hex)), out _));

    [Theory]
    [InlineData(new long[] { 1000 })]
    [InlineData(new long[] { 1000, -1, 1001 })]
    [InlineData(new long[] { -1, -1, 1000, 900 })]
    [InlineData(new long[] { 0, 255, 511, 512, 33279 })]
    [InlineData(new long[] { 0, 1, 2, 3, 4, 5, 6, 600, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 })]
    [InlineData(new long[] { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, -1, -1 })]
    public void Write_Arrivals_AreReadBack(long[] arrivals)
    {
        var buffer = new byte[1200];
        Assert.Equal(arrivals.Length, TransportFeedbackWriter.Write(buffer, 1, 2, 3, 65533, arrivals, out var written));
        Assert.Equal(arrivals, Read(buffer.AsSpan(0, written)));
    }

    [Fact]
    public void Write_GapBeyond16BitDelta_StopsBeforeIt()
    {
        var buffer = new byte[1200];
        Assert.Equal(1, TransportFeedbackWriter.Write(buffer, 1, 2, 3, 0, [0, 32768], out _));
        Assert.Equal(1, TransportFeedbackWriter.Write(buffer, 1, 2, 3, 0, [0, -1, 32768], out _));
        Assert.Equal(2, TransportFeedbackWriter.Write(buffer, 1, 2, 3, 0, [0, 32767], out _));
    }

    [Fact]
    public void Write_NothingReceived_WritesNothing()
    {
        Assert.Equal(0, TransportFeedbackWriter.Write(new byte[100], 1, 2, 3, 0, [-1, -1], out var written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void Write_SmallDestination_CoversWhatFits()
    {
        var arrivals = Enumerable.Range(0, 500).Select(i => (long)i * 300).ToArray();
        var buffer = new byte[200];
        var covered = TransportFeedbackWriter.Write(buffer, 1, 2, 3, 0, arrivals, out var written);
        Assert.InRange(covered, 70, 90);
        Assert.True(written <= 200);
        Assert.Equal(arrivals[..covered], Read(buffer.AsSpan(0, written)));
    }

    [Property(MaxTest = 500)]
    public void Any_arrivals_survive_in_one_or_more_packets(ushort baseSequence, short[] steps, ulong seed)
    {
        // Steps of both signs, gaps by the seed; the whole window is covered by going on where a packet ended.
        var random = new SeededRandomSource(seed);
        var arrivals = new long[steps.Length];
        long time = 10_000_000;
        for (var i = 0; i < steps.Length; i++)
        {
            var missing = random.NextInt(4) == 0;
            if (!missing) time += steps[i] >> random.NextInt(16);
            arrivals[i] = missing ? -1 : time;
        }

        var buffer = new byte[120];
        var at = 0;
        var read = new List<long>();
        while (at < arrivals.Length && arrivals.AsSpan(at).ContainsAnyExcept(-1L))
        {
            var covered = TransportFeedbackWriter.Write(buffer, 1, 2, 3, (ushort)(baseSequence + at), arrivals.AsSpan(at), out var written);
            Assert.True(covered > 0, $"stuck at {at}, seed {seed}");
            read.AddRange(Read(buffer.AsSpan(0, written)));
            at += covered;
        }

        Assert.Equal(arrivals[..at], read);
    }

    private static List<long> Read(ReadOnlySpan<byte> data)
    {
        Assert.True(TransportFeedbackView.TryParse(Bytes.Single(data), out var feedback));
        var arrivals = new List<long>();
        foreach (var status in feedback.Statuses) arrivals.Add(status.Received ? status.ArrivalTicks : -1);
        return arrivals;
    }
}

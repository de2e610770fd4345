using FsCheck.Xunit;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Receiving;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests;

public sealed class ReceivedTsnsTests
{
    [Property]
    public void Any_order_of_arrival_gives_what_a_plain_set_gives(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var first = uint.MaxValue - 20; // wraps on the way
        var tsns = new ReceivedTsns(first);
        var start = tsns.Cumulative;
        var set = new HashSet<long>();
        for (var i = 0; i < 120; i++)
        {
            if (random.NextInt(20) == 0)
            {
                var forward = tsns.Cumulative + random.NextInt(6);
                tsns.AdvanceTo(forward);
                for (var t = start + 1; t <= forward; t++) set.Add(t);
            }
            else
            {
                var tsn = tsns.Unroll(first + (uint)random.NextInt(60));
                Assert.Equal(set.Contains(tsn), tsns.Judge(tsn) == TsnVerdict.Duplicate);
                if (set.Add(tsn)) tsns.Accept(tsn);
            }

            var cumulative = start;
            while (set.Contains(cumulative + 1)) cumulative++;
            Assert.Equal(cumulative, tsns.Cumulative);
            var gaps = new (ushort Start, ushort End)[100];
            var told = gaps[..tsns.CopyGaps(gaps)].SelectMany(g => Enumerable.Range(g.Start, g.End - g.Start + 1)).Select(o => o + cumulative);
            Assert.Equal(set.Where(t => t > cumulative).Order(), told);
        }
    }

    [Fact]
    public void Judge_TooManyGapsOrTooFar_IsRefused()
    {
        var tsns = new ReceivedTsns(1);
        var next = tsns.Cumulative;
        for (var i = 1; i <= SctpLimits.MaxGaps; i++) tsns.Accept(next + (2 * i));
        Assert.Equal(TsnVerdict.TooFarAhead, tsns.Judge(next + (2 * SctpLimits.MaxGaps) + 2));
        Assert.Equal(TsnVerdict.New, tsns.Judge(next + (2 * SctpLimits.MaxGaps) + 1));
        Assert.Equal(TsnVerdict.New, tsns.Judge(next + 1));
        Assert.Equal(TsnVerdict.TooFarAhead, tsns.Judge(next + SctpLimits.MaxTsnAhead + 1));
    }

    [Property]
    public void Fragments_in_any_order_make_the_same_messages(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        var pieces = new List<(long Tsn, byte Flags, ushort Ssn, byte[] Data)>();
        var expected = new List<byte[]>();
        for (ushort message = 0; message < 10; message++)
        {
            var count = 1 + random.NextInt(6);
            var whole = new List<byte>();
            for (var i = 0; i < count; i++)
            {
                var data = new byte[1 + random.NextInt(20)];
                random.Fill(data);
                whole.AddRange(data);
                pieces.Add((pieces.Count, (byte)((i == 0 ? DataChunk.BeginFlag : 0) | (i == count - 1 ? DataChunk.EndFlag : 0)), message, data));
            }

            expected.Add([.. whole]);
        }

        var reassembly = new Reassembly();
        var got = new SortedDictionary<ushort, byte[]>();
        foreach (var piece in pieces.OrderBy(_ => random.NextUInt64()))
        {
            var chunk = new DataChunk { Flags = piece.Flags, Ssn = piece.Ssn, Data = piece.Data };
            if (reassembly.Add(piece.Tsn, chunk) is { } message) got.Add(message.Ssn, message.Data);
        }

        Assert.Equal(expected, got.Values);
        Assert.Equal(0, reassembly.Bytes);
    }

    [Fact]
    public void DropUpTo_MiddleOfAMessage_ForgetsItsBeginAndLeavesTheNextAlone()
    {
        var reassembly = new Reassembly();
        byte[] one = [1];
        reassembly.Add(1, new DataChunk { Flags = DataChunk.BeginFlag, Data = one });
        reassembly.Add(2, new DataChunk { Flags = 0, Data = one });
        reassembly.Add(4, new DataChunk { Flags = DataChunk.BeginFlag, Ssn = 1, Data = one });
        reassembly.DropUpTo(1);
        Assert.Null(reassembly.Add(3, new DataChunk { Flags = DataChunk.EndFlag, Data = one }));
        Assert.NotNull(reassembly.Add(5, new DataChunk { Flags = DataChunk.EndFlag, Ssn = 1, Data = one }));
        reassembly.DropUpTo(3);
        Assert.Equal(0, reassembly.Bytes);
    }
}

using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Links;

namespace JitsiMesh.Hosting.Tests.Links;

public sealed class LinkPartsTests
{
    [Theory]
    [InlineData(new long[] { 1, 2, 3 }, "III")]
    [InlineData(new long[] { 1, 1, 2, 2, 1 }, "IDIDD")]
    [InlineData(new long[] { 5, 6, 9, 10 }, "IIGI")]
    public void Check_NumbersOfOneRoom_TellsRepeatsAndGaps(long[] numbers, string expected)
    {
        var filter = new DuplicateFilter();

        Assert.Equal(expected, string.Concat(numbers.Select(n => filter.Check(Numbered("s", "r", n)) switch { Arrival.InOrder => 'I', Arrival.Duplicate => 'D', _ => 'G' })));
    }

    [Fact]
    public void Check_AnswersUnderTheNumbersOfTheirQuestions_MayLeaveGaps()
    {
        var filter = new DuplicateFilter();

        Assert.All(new long[] { 1, 4, 9 }, n => Assert.Equal(Arrival.InOrder, filter.Check(Numbered("node>", "r", n))));
        Assert.Equal(Arrival.Duplicate, filter.Check(Numbered("node>", "r", 9)));
    }

    [Fact]
    public void Check_RestartedSender_BeginsAnew()
    {
        var filter = new DuplicateFilter();
        filter.Check(Numbered("node-1", "r", 9));

        Assert.Equal(Arrival.InOrder, filter.Check(Numbered("node-2", "r", 1)));
    }

    [Fact]
    public void Check_MoreRoomsThanRemembered_ForgetsTheQuietest()
    {
        var filter = new DuplicateFilter(capacity: 4);
        for (var room = 0; room < 4; room++) filter.Check(Numbered("s", $"r{room}", 1));
        filter.Check(Numbered("s", "r0", 2));

        filter.Check(Numbered("s", "r4", 1));

        Assert.Equal(Arrival.Duplicate, filter.Check(Numbered("s", "r0", 2)));
        Assert.Equal(Arrival.InOrder, filter.Check(Numbered("s", "r1", 1)));
    }

    [Fact]
    public void Number_EnvelopeOfAnOwnerThatNumbersItself_IsLeftAlone()
    {
        var given = new StanzaEnvelope { Room = "a@muc", Stanza = "<x/>", Sender = "room", Sequence = 7 };
        Assert.Same(given, new RoomNumbers("n").Number(given));
    }

    [Fact]
    public void Undo_EnvelopeThatWasNotTaken_MayComeAgain()
    {
        var filter = new DuplicateFilter();
        var envelope = new StanzaEnvelope { Room = "a@muc", Stanza = "<x/>", Sender = "n", Sequence = 1 };
        filter.Check(envelope);
        Assert.Equal(Arrival.Duplicate, filter.Check(envelope));
        filter.Undo(envelope);
        Assert.NotEqual(Arrival.Duplicate, filter.Check(envelope));
    }

    [Fact]
    public void Number_MoreRoomsThanNumbered_TakesANewSenderName()
    {
        var numbers = new RoomNumbers("n");
        for (var room = 0; room < LinkLimits.NumberedRooms; room++) numbers.Number(Numbered("", $"r{room}", 0));

        var next = numbers.Number(Numbered("", "one more", 0));
        var again = numbers.Number(Numbered("", "r0", 0));

        Assert.Equal(("n/1", 1L), (next.Sender, next.Sequence));
        Assert.Equal(("n/1", 1L), (again.Sender, again.Sequence));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Owner_SeveralNodes_SharesEvenlyAndMovesOnlyWhatMust(int nodes)
    {
        var names = Enumerable.Range(0, nodes).Select(n => $"node-{n}").ToArray();
        var before = Enumerable.Range(0, Partitions.Count).Select(p => RendezvousHash.Owner("focus", p, names)).ToArray();
        var after = Enumerable.Range(0, Partitions.Count).Select(p => RendezvousHash.Owner("focus", p, names[..^1])).ToArray();

        Assert.All(names, n => Assert.InRange(before.Count(o => o == n), Partitions.Count / nodes / 4, Partitions.Count * 2 / nodes));
        for (var p = 0; p < Partitions.Count; p++)
        {
            if (before[p] != names[^1]) Assert.Equal(before[p], after[p]);
        }
    }

    [Fact]
    public void Owner_NoNode_IsNobody() => Assert.Null(RendezvousHash.Owner("focus", 1, []));

    private static StanzaEnvelope Numbered(string sender, string room, long sequence) => new() { Room = room, Stanza = "<iq/>", Sender = sender, Sequence = sequence };
}

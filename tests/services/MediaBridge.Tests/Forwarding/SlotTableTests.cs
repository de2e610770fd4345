using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Forwarding;

public sealed class SlotTableTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromSeconds(100);
    private readonly SlotTable<string> _slots = new(3, index => new EgressStream((uint)(100 + index), 0, null, isVideo: false));

    [Fact]
    public void A_newcomer_has_a_slot_of_its_own_until_all_have_been_used()
    {
        var first = Lend("first", Start);
        _slots.Remove("first", Start);
        uint[] later = [Lend("second", Start + TimeSpan.FromHours(1)), Lend("third", Start + TimeSpan.FromHours(2))];
        Assert.DoesNotContain(first, later);
        Assert.Equal(first, Lend("fourth", Start + TimeSpan.FromHours(3)));
    }

    [Fact]
    public void Of_free_slots_the_one_that_has_been_free_for_longest_serves()
    {
        foreach (var name in new[] { "first", "second", "third" }) Lend(name, Start);
        _slots.Remove("third", Start + TimeSpan.FromSeconds(1));
        _slots.Remove("second", Start + TimeSpan.FromSeconds(2));
        Assert.Equal(102u, Lend("fourth", Start + TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void The_same_name_has_its_slot_again_at_once()
    {
        var first = Lend("first", Start);
        Lend("second", Start);
        _slots.Remove("first", Start);
        Assert.Equal(first, Lend("first", Start));
    }

    [Fact]
    public void Where_no_slot_may_be_added_one_that_has_just_become_free_serves()
    {
        foreach (var name in new[] { "first", "second", "third" }) Lend(name, Start);
        _slots.Remove("second", Start);
        Assert.Equal(101u, Lend("fourth", Start));
    }

    [Fact]
    public void The_slot_over_which_nothing_went_for_longest_is_taken_not_the_one_lent_first()
    {
        foreach (var name in new[] { "first", "second", "third" }) Lend(name, Start);
        foreach (var slot in _slots.Slots.Where(s => s.Holder != "second")) slot.Stream.Output.OnForwarded(1, 1, true, Start + TimeSpan.FromSeconds(5));
        _slots.Assign("fourth", "fourth", Start + TimeSpan.FromSeconds(6), out _, out var evicted);
        Assert.Equal("second", evicted);
    }

    [Fact]
    public void A_slot_is_taken_from_a_holder_only_when_none_is_free_and_none_may_be_added()
    {
        foreach (var name in new[] { "first", "second", "third" })
        {
            Assert.False(_slots.WouldEvict(out _));
            Lend(name, Start);
        }

        foreach (var slot in _slots.Slots) slot.Stream.Output.OnForwarded(1, 1, true, Start + TimeSpan.FromSeconds(slot.Holder == "second" ? 3 : 5));
        Assert.True(_slots.WouldEvict(out var lastUsed));
        Assert.Equal(Start + TimeSpan.FromSeconds(3), lastUsed);
        _slots.Remove("third", Start);
        Assert.False(_slots.WouldEvict(out _));
    }

    private uint Lend(string name, MonotonicTime now)
    {
        _slots.Assign(name, name, now, out var stream, out _);
        return stream.Ssrc;
    }
}

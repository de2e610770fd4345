using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class BridgeAssignmentTests
{
    private readonly ConferenceParts _parts = new();
    private readonly Participant _ann = new() { Nick = "ann", RealJid = "ann@meet.example/web", Order = 1 };

    [Fact]
    public void All_participants_share_one_bridge_session()
    {
        var first = _parts.Bridges.TryAssign(_ann);
        var second = _parts.Bridges.TryAssign(_ann with { Nick = "bob" });
        Assert.Equal("jvb-1", first?.BridgeId);
        Assert.Same(first, second);
        Assert.Single(_parts.Core.Assignment.Sessions);
    }

    [Fact]
    public void Without_a_bridge_participants_are_told_so_after_a_while()
    {
        _parts.Known.Clear();
        _parts.Begin();
        Assert.Null(_parts.Bridges.TryAssign(_ann));
        Assert.False(_parts.Bridges.IsWaiting);
        Assert.Equal(_parts.Effects.Now + FocusLimits.BridgeWait, _parts.Bridges.NextDeadline);
        _parts.Begin(FocusLimits.BridgeWait.TotalSeconds - 1);
        _parts.Bridges.OnNoBridgeDue();
        Assert.Empty(_parts.Outputs);
        _parts.Begin(1);
        _parts.Bridges.OnNoBridgeDue();
        Assert.NotNull(Assert.Single(_parts.Stanzas).Child("bridgeNotAvailable"));
        Assert.Equal(1, _parts.Count(ConferenceEvent.NoBridgeAvailable));
        Assert.Equal(MonotonicTime.Never, _parts.Bridges.NextDeadline);
    }

    [Fact]
    public void A_bridge_that_comes_in_time_ends_the_wait()
    {
        var bridge = _parts.Known[0];
        _parts.Known.Clear();
        _parts.Begin();
        _parts.Bridges.TryAssign(_ann);
        _parts.Known.Add(bridge);
        _parts.Begin(1);
        Assert.NotNull(_parts.Bridges.TryAssign(_ann));
        Assert.Equal(MonotonicTime.Never, _parts.Bridges.NextDeadline);
    }

    [Fact]
    public void A_removed_bridge_is_avoided_for_its_time_and_then_chosen_again()
    {
        _parts.Bridges.Remove(_parts.Assign(), TimeSpan.FromSeconds(3));
        Assert.True(_parts.Bridges.IsEmpty);
        Assert.Null(_parts.Bridges.TryAssign(_ann));
        Assert.True(_parts.Bridges.IsWaiting);
        _parts.Begin(3);
        Assert.NotNull(_parts.Bridges.TryAssign(_ann));
    }

    [Fact]
    public void After_some_failures_in_a_row_invites_wait_until_an_allocation_succeeds()
    {
        for (var i = 0; i < FocusLimits.EagerRetries; i++) _parts.Bridges.Remove(_parts.Assign(), TimeSpan.Zero);
        Assert.False(_parts.Bridges.IsWaiting);
        _parts.Bridges.Remove(_parts.Assign(), TimeSpan.Zero);
        Assert.True(_parts.Bridges.IsWaiting);
        _parts.Bridges.StopWaiting();
        _parts.Bridges.NoteAllocated();
        _parts.Bridges.Remove(_parts.Assign(), TimeSpan.Zero);
        Assert.False(_parts.Bridges.IsWaiting);
    }

    [Fact]
    public void A_bridge_that_a_new_owner_has_not_heard_of_is_kept()
    {
        var session = _parts.Assign();
        _parts.Known.Clear();
        _parts.Begin();
        Assert.Same(session, _parts.Bridges.TryAssign(_ann));
    }

    [Fact]
    public void Another_bridge_is_one_that_is_neither_this_nor_avoided()
    {
        var session = _parts.Assign();
        Assert.False(_parts.Bridges.HasAnother(session));
        _parts.Known.Add(new FakeBridge("jvb-2"));
        _parts.Begin();
        Assert.True(_parts.Bridges.HasAnother(session));
    }

    [Fact]
    public void What_is_learned_of_a_bridge_stands_in_its_session()
    {
        var session = _parts.Assign();
        Assert.True(_parts.Bridges.HasSctp(session));
        _parts.Bridges.NoteWithoutSctp(session);
        Assert.False(_parts.Bridges.HasSctp(session));
        var feedback = new SourceSet([new Source(7, MediaKind.Audio)], []);
        session = _parts.Bridges.SetFeedbackSources(session, feedback);
        session = _parts.Bridges.SetCreated(session, created: false);
        Assert.Equal((feedback, false), (session.FeedbackSources, session.Created));
        Assert.Same(session, Assert.Single(_parts.Core.Assignment.Sessions));
    }

    [Fact]
    public void Release_expires_the_conference_on_a_bridge_that_has_it_and_on_no_other()
    {
        var session = _parts.Assign();
        _parts.Bridges.ReleaseAll();
        Assert.True(Assert.Single(_parts.BridgeCalls).Request.Expire);
        Assert.Equal(session.BridgeId, _parts.BridgeCalls[0].BridgeId);
        _parts.Begin();
        _parts.Bridges.TryAssign(_ann);
        _parts.Bridges.ReleaseAll();
        Assert.Empty(_parts.BridgeCalls);
    }

    [Fact]
    public void Only_deadlines_that_are_due_are_put_off()
    {
        _parts.Core = _parts.Core with { RetryDeadline = _parts.Effects.Now, NoBridgeDeadline = _parts.Effects.Now + TimeSpan.FromSeconds(1) };
        var later = _parts.Effects.Now + TimeSpan.FromSeconds(5);
        _parts.Bridges.PutOff(later);
        Assert.Equal((later, _parts.Effects.Now + TimeSpan.FromSeconds(1)), (_parts.Core.RetryDeadline, _parts.Core.NoBridgeDeadline));
    }
}

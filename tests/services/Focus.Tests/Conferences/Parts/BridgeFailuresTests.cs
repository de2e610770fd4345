using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class BridgeFailuresTests
{
    private readonly ConferenceParts _parts = new();
    private readonly BridgeFailures _failures;

    public BridgeFailuresTests()
    {
        _failures = new BridgeFailures(_parts.Document, _parts.Effects, _parts.Calls, _parts.Bridges, _parts.Sessions, _parts.Invitations, _parts.Presence, _parts.Options);
    }

    private Participant Find(string nick) => _parts.Document.Find(nick)!;

    private PendingCall Invited(string nick)
    {
        foreach (var one in new[] { "ann", "bob" }) _parts.Join(one);
        _parts.Invitations.InviteAll();
        var call = _parts.Document.Calls.Single(one => one.Nick == nick);
        _parts.Document.RemoveCall(call.Id);
        _parts.Begin();
        return call;
    }

    private void Fail(PendingCall call, BridgeFailure failure) => _failures.OnFailed(call, _parts.Calls.Find(call.BridgeSession)!, Find(call.Nick), failure);

    [Fact]
    public void An_unreachable_bridge_is_left_by_all_and_the_node_learns_of_it()
    {
        _parts.Known.Add(new FakeBridge("jvb-2"));
        var call = Invited("ann");
        Fail(call, BridgeFailure.Unreachable);
        Assert.Equal(call.BridgeId, Assert.Single(_parts.Outputs.OfType<BridgeFailed>()).BridgeId);
        Assert.NotEqual(call.BridgeId, Assert.Single(_parts.Core.Assignment.Sessions).BridgeId);
        Assert.Equal(["ann", "bob"], _parts.BridgeCalls.Select(one => one.Request.Endpoints.Single().Id));
    }

    [Fact]
    public void What_was_to_be_expired_and_is_not_there_needs_nothing()
    {
        var call = Invited("ann");
        Fail(call with { Purpose = CallPurpose.Expire, Creates = false }, BridgeFailure.UnknownEndpoint);
        Assert.Empty(_parts.Outputs);
    }

    [Fact]
    public void A_refused_creation_is_left_to_the_next_call()
    {
        Fail(Invited("ann"), BridgeFailure.Unspecified);
        Assert.Equal(("ann", true), (_parts.BridgeCalls[^1].Request.Endpoints.Single().Id, _parts.BridgeCalls[^1].Request.Create));
    }

    [Fact]
    public void A_bridge_without_data_channels_is_asked_without_them()
    {
        var call = Invited("ann");
        Assert.True(_parts.Bridges.HasSctp(_parts.Calls.Find(call.BridgeSession)!));
        Fail(call, BridgeFailure.NotImplemented);
        Assert.False(Assert.Single(_parts.BridgeCalls).Request.Endpoints.Single().Transport.Sctp);
        Assert.Empty(Find("ann").Restarts);
    }

    [Fact]
    public void A_failure_of_one_participant_leaves_the_others_where_they_are()
    {
        Invited("ann");
        var session = Find("bob").Session! with { Phase = SessionPhase.Active };
        _parts.Document.Put(Find("bob") with { Session = session });
        Fail(new PendingCall(99, session.BridgeSession, "jvb-1", "", CallPurpose.Update, "ann", false, []), BridgeFailure.Unspecified);
        Assert.Equal(session, Find("bob").Session);
        Fail(new PendingCall(99, session.BridgeSession, "jvb-1", "", CallPurpose.Update, "bob", false, []), BridgeFailure.Unspecified);
        Assert.Equal(SessionPhase.Allocating, Find("bob").Session!.Phase);
        Assert.Single(Find("bob").Restarts);
        Assert.Single(_parts.Core.Assignment.Sessions);
    }

    [Fact]
    public void An_update_that_was_not_answered_in_time_may_have_been_applied()
    {
        var call = Invited("ann");
        _parts.Document.Put(Find("ann") with { Session = Find("ann").Session! with { Phase = SessionPhase.Active } });
        Fail(call with { Purpose = CallPurpose.Update, Creates = false }, BridgeFailure.TimedOut);
        Assert.Empty(_parts.Outputs);
    }

    [Fact]
    public void A_bridge_that_is_not_heard_of_yet_is_not_lost_and_one_that_started_anew_is()
    {
        Invited("ann");
        _parts.Known[0].Restart();
        var bridges = _parts.Known.ToList();
        _parts.Known.Clear();
        _parts.Begin();
        _failures.OnBridgesChanged();
        Assert.Empty(_parts.Outputs);
        _parts.Known.AddRange(bridges);
        _parts.Begin();
        _failures.OnBridgesChanged();
        Assert.Equal(1, _parts.Count(ConferenceEvent.BridgeRemoved));
        Assert.Equal(_parts.Known[0].Snapshot.Instance, Assert.Single(_parts.Core.Assignment.Sessions).Instance);
    }

    [Fact]
    public void When_the_bridges_change_invites_wait_no_longer()
    {
        _parts.Core = _parts.Core with { RetryDeadline = _parts.Effects.Now + TimeSpan.FromSeconds(1) };
        _failures.OnBridgesChanged();
        Assert.Equal(MonotonicTime.Never, _parts.Core.RetryDeadline);
    }
}

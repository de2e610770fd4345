using JitsiMesh.Focus.Bridges;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// Handles failed calls to bridges. A call is about one participant, and its failure affects only this participant: the others keep their sessions. Three failures affect the
/// whole conference: the bridge is unreachable, it shuts down, or it does not know the conference. Other conferences learn of an unreachable bridge and of one that shuts down
/// (<see cref="BridgeFailed"/>, <see cref="BridgeLeaving"/>). Has no state.
/// </summary>
internal sealed class BridgeFailures(
    ConferenceDocument document, ConferenceEffects effects, BridgeCalls calls, BridgeAssignment bridges, ParticipantSessions sessions, Invitations invitations, FocusPresence presence, FocusOptions options)
{
    /// <param name="call">The failed call, already removed from the pending calls.</param>
    /// <param name="participant">The participant of the call, if it is still on this bridge.</param>
    public void OnFailed(PendingCall call, BridgeSessionState bridge, Participant? participant, BridgeFailure failure)
    {
        // The bridge changed nothing: the next request creates the conference.
        if (call.Creates && failure is not (BridgeFailure.ConferenceExists or BridgeFailure.TimedOut)) bridge = bridges.SetCreated(bridge, created: false);
        switch (failure)
        {
            case BridgeFailure.Unreachable:
                effects.Add(new BridgeFailed(bridge.BridgeId, bridge.Instance));
                Remove(bridge, FocusLimits.UnreachableAvoided);
                return;
            // The endpoint to expire does not exist on the bridge: nothing is left to do.
            case var _ when call.Purpose == CallPurpose.Expire:
                return;
            case BridgeFailure.GracefulShutdown:
                effects.Add(new BridgeLeaving(bridge.BridgeId, bridge.Instance));
                Remove(bridge, options.Bridges.FailureReset);
                return;
            // The call ran before the conference was created, or the creating call failed for another participant.
            case BridgeFailure.ConferenceNotFound when call is { Purpose: CallPurpose.Allocate, Creates: false } && (!bridge.Created || calls.IsBeingCreated(bridge)):
                invitations.Again(call, participant);
                return;
            // Focus and bridge disagree on the conference's state: expire the conference there and start again, on the same bridge if there is no other.
            case BridgeFailure.ConferenceExists or BridgeFailure.ConferenceNotFound:
                calls.ExpireConference(bridge);
                Remove(bridge, TimeSpan.Zero);
                return;
        }

        if (call.Purpose == CallPurpose.Allocate) OnAllocateFailed(call, bridge, participant, failure);
        else OnUpdateFailed(call, participant, failure);
    }

    /// <summary>The set of bridges, or the known state of one, changed.</summary>
    public void OnBridgesChanged()
    {
        foreach (var session in document.Core.Assignment.Sessions)
        {
            var bridge = effects.Bridges.Find(session.BridgeId);
            // A bridge that this node has not heard of yet is not lost. A restarted bridge has no state of this conference.
            if (bridge is null || (bridge.Instance == session.Instance && !bridge.Lost)) continue;
            if (bridge is { ShuttingDown: true, Operational: true }) calls.ExpireConference(session);
            // While the bridge is lost, the pool reports it as not operational.
            Remove(session, TimeSpan.Zero);
        }

        invitations.Forgive();
        if (bridges.IsEmpty) bridges.StopWaiting();
        invitations.InviteAll();
    }

    private void OnAllocateFailed(PendingCall call, BridgeSessionState bridge, Participant? participant, BridgeFailure failure)
    {
        if (failure is BridgeFailure.TimedOut or BridgeFailure.Unspecified) effects.Add(new AllocationFailed(bridge.BridgeId, bridge.Instance));
        if (participant?.Session is not { Phase: SessionPhase.Allocating } session || session.Call != call.Id) return;
        switch (failure)
        {
            // This bridge has no data channels; the client can use the WebSocket instead.
            case BridgeFailure.NotImplemented when bridges.HasSctp(bridge):
                bridges.NoteWithoutSctp(bridge);
                invitations.Again(call, participant);
                break;
            // A full bridge keeps its current participants.
            case BridgeFailure.Overloaded when !HasLiveSession(bridge):
                // Without another bridge, the focus soon asks this one again: a moment of load must not cause a minute without a bridge.
                Remove(bridge, bridges.HasAnother(bridge) ? options.Bridges.FailureReset : FocusLimits.UnreachableAvoided);
                break;
            case BridgeFailure.TimedOut or BridgeFailure.Unspecified or BridgeFailure.EndpointExists when sessions.TryTakeRestart(participant) is { } granted:
                document.Put(granted);
                if (failure != BridgeFailure.EndpointExists && !HasLiveSession(bridge) && bridges.HasAnother(bridge))
                {
                    // No participant has a session on that bridge: start the conference on another bridge.
                    calls.ExpireConference(bridge);
                    Remove(bridge, options.Bridges.FailureReset);
                    break;
                }

                // The bridge may have executed the unanswered call.
                calls.ExpireEndpoint(bridge.Id, granted.Nick);
                invitations.Again(call, granted);
                break;
            default:
                invitations.Fail(participant, byBridge: true);
                break;
        }
    }

    private void OnUpdateFailed(PendingCall call, Participant? participant, BridgeFailure failure)
    {
        // The bridge may have applied the call that timed out; health checks decide about the bridge.
        if (failure == BridgeFailure.TimedOut || participant?.Session is not { IsLive: true } session) return;
        if (failure == BridgeFailure.NotImplemented && call.Purpose == CallPurpose.RestartIce)
        {
            invitations.Reinvite(participant, expire: true);
        }
        else if (sessions.TryTakeRestart(participant) is { } granted)
        {
            // The running session is worth one new invitation; the client's next description may be valid.
            invitations.Reinvite(granted, expire: failure != BridgeFailure.UnknownEndpoint);
        }
        else
        {
            sessions.SendTerminate(participant.Nick, session, "general-error", "refused by the bridge");
            invitations.Fail(participant, byBridge: true);
        }
    }

    // First announce to the participants of the bridge that they move, then invite them again. Remove sources before sessions, so that no participant is told of them twice.
    private void Remove(BridgeSessionState bridge, TimeSpan avoided)
    {
        effects.Count(ConferenceEvent.BridgeRemoved);
        var movers = document.Participants.Where(participant => participant.Session is { Phase: not SessionPhase.Ended } session && session.BridgeSession == bridge.Id).ToList();
        bridges.Remove(bridge, avoided);
        foreach (var participant in movers.Where(participant => participant.Session!.IsLive))
        {
            sessions.SendTerminate(participant.Nick, participant.Session!, "success", "moving");
            effects.Count(ConferenceEvent.ParticipantMoved);
        }

        sessions.DropTogether(movers);
        invitations.Forgive();
        invitations.InviteAll();
        if (bridges.IsEmpty) presence.Publish();
    }

    private bool HasLiveSession(BridgeSessionState bridge) => document.Participants.Any(one => one.Session is { IsLive: true } live && live.BridgeSession == bridge.Id);
}

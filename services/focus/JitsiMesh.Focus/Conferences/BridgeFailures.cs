using JitsiMesh.Focus.Bridges;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// Handles failed calls to bridges. A call is about one participant, and its failure concerns this participant alone: the others keep their sessions.
/// Three failures concern the whole conference: the bridge is unreachable, it shuts down, or it does not know the conference. Other conferences learn of an
/// unreachable bridge and of one that shuts down (<see cref="BridgeFailed"/>, <see cref="BridgeLeaving"/>). Has no state of its own.
/// </summary>
internal sealed class BridgeFailures(
    ConferenceDocument document, ConferenceEffects effects, BridgeCalls calls, BridgeAssignment bridges, ParticipantSessions sessions, Invitations invitations, FocusPresence presence, FocusOptions options)
{
    /// <param name="call">The call, already taken away.</param>
    /// <param name="participant">The participant that it was about, where that is still on this bridge.</param>
    public void OnFailed(PendingCall call, BridgeSessionState bridge, Participant? participant, BridgeFailure failure)
    {
        // A refused request has changed nothing: the next one creates.
        if (call.Creates && failure is not (BridgeFailure.ConferenceExists or BridgeFailure.TimedOut)) bridge = bridges.SetCreated(bridge, created: false);
        switch (failure)
        {
            case BridgeFailure.Unreachable:
                effects.Add(new BridgeFailed(bridge.BridgeId, bridge.Instance));
                Remove(bridge, FocusLimits.UnreachableAvoided);
                return;
            // The endpoint to expire is not there: nothing is left to do.
            case var _ when call.Purpose == CallPurpose.Expire:
                return;
            case BridgeFailure.GracefulShutdown:
                effects.Add(new BridgeLeaving(bridge.BridgeId, bridge.Instance));
                Remove(bridge, options.Bridges.FailureReset);
                return;
            // It was asked before the conference was made, or what was to make it failed for another participant.
            case BridgeFailure.ConferenceNotFound when call is { Purpose: CallPurpose.Allocate, Creates: false } && (!bridge.Created || calls.IsBeingCreated(bridge)):
                invitations.Again(call, participant);
                return;
            // The two sides do not agree on what there is: forget the conference there and begin again, on the same bridge if need be.
            case BridgeFailure.ConferenceExists or BridgeFailure.ConferenceNotFound:
                calls.ExpireConference(bridge);
                Remove(bridge, TimeSpan.Zero);
                return;
        }

        if (call.Purpose == CallPurpose.Allocate) OnAllocateFailed(call, bridge, participant, failure);
        else OnUpdateFailed(call, participant, failure);
    }

    /// <summary>The set of bridges, or what is known of one, changed.</summary>
    public void OnBridgesChanged()
    {
        foreach (var session in document.Core.Assignment.Sessions)
        {
            var bridge = effects.Bridges.Find(session.BridgeId);
            // Not heard of yet by this node: not lost. One that started anew knows nothing of this conference.
            if (bridge is null || (bridge.Instance == session.Instance && !bridge.Lost)) continue;
            if (bridge is { ShuttingDown: true, Operational: true }) calls.ExpireConference(session);
            // As long as it is lost the pool says so.
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
            // This bridge has no data channels; the WebSocket does as well.
            case BridgeFailure.NotImplemented when bridges.HasSctp(bridge):
                bridges.NoteWithoutSctp(bridge);
                invitations.Again(call, participant);
                break;
            // A full bridge keeps the participants that it has.
            case BridgeFailure.Overloaded when !HasLiveSession(bridge):
                // Where there is no other it is asked again soon: a moment of load must not become a minute without a bridge.
                Remove(bridge, bridges.HasAnother(bridge) ? options.Bridges.FailureReset : FocusLimits.UnreachableAvoided);
                break;
            case BridgeFailure.TimedOut or BridgeFailure.Unspecified or BridgeFailure.EndpointExists when sessions.TryTakeRestart(participant) is { } granted:
                document.Put(granted);
                if (failure != BridgeFailure.EndpointExists && !HasLiveSession(bridge) && bridges.HasAnother(bridge))
                {
                    // Nobody has anything to lose there: the conference begins elsewhere.
                    calls.ExpireConference(bridge);
                    Remove(bridge, options.Bridges.FailureReset);
                    break;
                }

                // What was not answered may have been done.
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
        // What was not answered in time may have been applied; health checks decide about the bridge.
        if (failure == BridgeFailure.TimedOut || participant?.Session is not { IsLive: true } session) return;
        if (failure == BridgeFailure.NotImplemented && call.Purpose == CallPurpose.RestartIce)
        {
            invitations.Reinvite(participant, expire: true);
        }
        else if (sessions.TryTakeRestart(participant) is { } granted)
        {
            // The call that is on is worth a new beginning; what the client brings then may be right.
            invitations.Reinvite(granted, expire: failure != BridgeFailure.UnknownEndpoint);
        }
        else
        {
            sessions.SendTerminate(participant.Nick, session, "general-error", "refused by the bridge");
            invitations.Fail(participant, byBridge: true);
        }
    }

    // Participants on it are told that they move, then invited anew; sources go before sessions do, so that nobody is told of them twice.
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

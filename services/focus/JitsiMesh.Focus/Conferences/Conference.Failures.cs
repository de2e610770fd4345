using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// What a failed call to a bridge means. A call is about one participant, and so is its failure, whatever the bridge says went wrong: the
/// others keep their sessions. Only what says nothing about the request concerns the conference (nobody is there, the bridge leaves, it
/// does not know the conference), and of these only the first is told to other conferences, until a health check knows better.
/// </summary>
public sealed partial class Conference
{
    private void OnCallFailed(PendingCall call, BridgeSessionState bridge, Participant? participant, BridgeReply reply)
    {
        if (call.Creates && reply.Failure is not (BridgeFailure.ConferenceExists or BridgeFailure.TimedOut))
        {
            // A refused request has changed nothing: the next one creates.
            var undone = bridge with { Created = false };
            Core = Core with { BridgeSessions = Core.BridgeSessions.Replace(bridge, undone) };
            bridge = undone;
        }

        switch (reply.Failure)
        {
            case BridgeFailure.Unreachable:
                _outputs.Add(new BridgeFailed(bridge.BridgeId, bridge.Instance));
                RemoveBridge(bridge, FocusLimits.UnreachableAvoided);
                return;
            // The endpoint to expire is not there: nothing is left to do.
            case var _ when call.Purpose == CallPurpose.Expire:
                return;
            case BridgeFailure.GracefulShutdown:
                _outputs.Add(new BridgeLeaving(bridge.BridgeId, bridge.Instance));
                RemoveBridge(bridge, _options.Bridges.FailureReset);
                return;
            // It was asked before the conference was made, or what was to make it failed for somebody else.
            case BridgeFailure.ConferenceNotFound when call is { Purpose: CallPurpose.Allocate, Creates: false } && (!bridge.Created || IsBeingCreated(bridge)):
                InviteAgain(call, participant);
                return;
            // The two sides do not agree on what there is: forget the conference there and begin again, on the same bridge if need be.
            case BridgeFailure.ConferenceExists or BridgeFailure.ConferenceNotFound:
                ExpireOnBridge(bridge);
                RemoveBridge(bridge, TimeSpan.Zero);
                return;
        }

        if (call.Purpose == CallPurpose.Allocate) OnAllocateFailed(call, bridge, participant, reply.Failure);
        else OnUpdateFailed(call, participant, reply.Failure);
    }

    private void OnAllocateFailed(PendingCall call, BridgeSessionState bridge, Participant? participant, BridgeFailure failure)
    {
        if (failure is BridgeFailure.TimedOut or BridgeFailure.Unspecified) _outputs.Add(new AllocationFailed(bridge.BridgeId, bridge.Instance));
        if (participant?.Session is not { Phase: SessionPhase.Allocating } session || session.Call != call.Id) return;
        switch (failure)
        {
            // This bridge has no data channels; the WebSocket does as well.
            case BridgeFailure.NotImplemented when !Core.WithoutSctp.Contains(bridge.Instance):
                Core = Core with { WithoutSctp = Core.WithoutSctp.Add(bridge.Instance) };
                InviteAgain(call, participant);
                break;
            // A full bridge keeps the participants that it has.
            case BridgeFailure.Overloaded when !HasLiveSession(bridge):
                // Where there is no other it is asked again soon: a moment of load must not become a minute without a bridge.
                RemoveBridge(bridge, HasAnotherBridge(bridge) ? _options.Bridges.FailureReset : FocusLimits.UnreachableAvoided);
                break;
            case BridgeFailure.TimedOut or BridgeFailure.Unspecified or BridgeFailure.EndpointExists when TryTakeRestart(participant) is { } granted:
                Put(granted);
                if (failure != BridgeFailure.EndpointExists && !HasLiveSession(bridge) && HasAnotherBridge(bridge))
                {
                    // Nobody has anything to lose there: the conference begins elsewhere.
                    ExpireOnBridge(bridge);
                    RemoveBridge(bridge, _options.Bridges.FailureReset);
                    break;
                }

                // What was not answered may have been done.
                ExpireEndpoint(bridge.Id, granted.Nick);
                InviteAgain(call, granted);
                break;
            default:
                OnInviteFailed(participant, byBridge: true);
                break;
        }
    }

    private void OnUpdateFailed(PendingCall call, Participant? participant, BridgeFailure failure)
    {
        // What was not answered in time may have been applied; health checks decide about the bridge.
        if (failure == BridgeFailure.TimedOut || participant?.Session is not { IsLive: true } session) return;
        if (failure == BridgeFailure.NotImplemented && call.Purpose == CallPurpose.RestartIce)
        {
            Reinvite(participant, expire: true);
        }
        else if (TryTakeRestart(participant) is { } granted)
        {
            // The call that is on is worth a new beginning; what the client brings then may be right.
            Reinvite(granted, expire: failure != BridgeFailure.UnknownEndpoint);
        }
        else
        {
            SendTerminate(participant.Nick, session, "general-error", "refused by the bridge");
            OnInviteFailed(participant, byBridge: true);
        }
    }

    private bool IsBeingCreated(BridgeSessionState bridge) => _document.Calls.Any(other => other.Creates && other.BridgeSession == bridge.Id);

    private bool HasLiveSession(BridgeSessionState bridge) => _document.Participants.Any(one => one.Session is { IsLive: true } live && live.BridgeSession == bridge.Id);

    private bool HasAnotherBridge(BridgeSessionState bridge) =>
        BridgeSelector.Select(_context.Bridges, new SelectionRequest("", null, [.. Core.Avoided.Select(avoided => avoided.Instance), bridge.Instance]), _options.Bridges, out _) is not null;

    private void InviteAgain(PendingCall call, Participant? participant)
    {
        if (participant?.Session is not { Phase: SessionPhase.Allocating } session || session.Call != call.Id) return;
        Put(participant with { Session = null });
        InviteAll();
    }

    // Retry refused participants when the set of bridges has changed or some time has passed, within their budget.
    private void ForgiveFailedInvites()
    {
        Core = Core with { ForgiveDeadline = MonotonicTime.Never };
        foreach (var participant in _document.Participants.ToList())
        {
            if (participant is not { Session: { Phase: SessionPhase.Ended, InviteFailed: true } failed }) continue;
            if (TryTakeRestart(participant) is { } granted) Put(granted with { Session = null, FormerSid = failed.Sid });
            else Core = Core with { ForgiveDeadline = Now + FocusLimits.InviteRetry };
        }
    }

    private Participant? TryTakeRestart(Participant participant) =>
        RestartBudget.TryTake(participant.Restarts, _options.RestartLimits, Now, out var taken) ? participant with { Restarts = taken } : null;
}

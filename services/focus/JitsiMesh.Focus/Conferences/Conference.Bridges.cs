using Google.Protobuf;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Calls to bridges, and moving people from one bridge to another.</summary>
public sealed partial class Conference
{
    private BridgeSessionState? FindBridgeSession(string id) => Core.BridgeSessions.FirstOrDefault(session => session.Id == id);

    private long Call(BridgeSessionState bridge, CallPurpose purpose, string nick, ModifyConferenceRequest request)
    {
        var id = NextNumber();
        _document.Put(new PendingCall(id, bridge.Id, bridge.BridgeId, bridge.ControlAddress, purpose, nick, request.Create, request.ToByteArray()));
        _outputs.Add(Traced(new CallBridge(id, bridge.BridgeId, bridge.ControlAddress, request), purpose, nick));
        return id;
    }

    // Inviting belongs to the participant's join, however late; everything else to the stanza at hand.
    private CallBridge Traced(CallBridge call, CallPurpose purpose, string nick)
    {
        if (purpose != CallPurpose.Allocate) return _trace is null ? call : call with { Trace = _trace };
        return _document.Find(nick)?.Trace is { } trace ? call with { Trace = trace, Invites = nick } : call;
    }

    private void Update(ParticipantSession session, EndpointChange change, CallPurpose purpose = CallPurpose.Update)
    {
        if (FindBridgeSession(session.BridgeSession) is not { } bridge) return;
        Call(bridge, purpose, change.Id, new ModifyConferenceRequest { MeetingId = Core.MeetingId, Name = Room, Endpoints = { change } });
    }

    private void ExpireEndpoint(string bridgeSession, string nick)
    {
        if (FindBridgeSession(bridgeSession) is not { Created: true } bridge) return;
        Call(bridge, CallPurpose.Expire, nick, new ModifyConferenceRequest { MeetingId = Core.MeetingId, Name = Room, Endpoints = { new EndpointChange { Id = nick, Expire = true } } });
    }

    private void ExpireOnBridge(BridgeSessionState bridge)
    {
        if (bridge.Created) Call(bridge, CallPurpose.Expire, "", new ModifyConferenceRequest { MeetingId = Core.MeetingId, Name = Room, Expire = true });
    }

    private void OnBridgeReplied(long id, BridgeReply reply)
    {
        if (_document.FindCall(id) is not { } call) return;
        _document.RemoveCall(id);
        // A session that was removed meanwhile needs no answer any more.
        if (FindBridgeSession(call.BridgeSession) is not { } bridge) return;
        var participant = _document.Find(call.Nick);
        var current = participant?.Session?.BridgeSession == bridge.Id ? participant : null;
        if (reply.Response is null)
        {
            OnCallFailed(call, bridge, current, reply);
            return;
        }

        if (call.Purpose == CallPurpose.Allocate && !bridge.Created)
        {
            // The call that was to make the conference was not heard of, and has made it.
            var made = bridge with { Created = true };
            Core = Core with { BridgeSessions = Core.BridgeSessions.Replace(bridge, made) };
            bridge = made;
        }

        switch (call.Purpose)
        {
            case CallPurpose.Allocate when current?.Session is { Phase: SessionPhase.Allocating } session && session.Call == id:
                OnAllocated(current, bridge, reply.Response);
                break;
            case CallPurpose.RestartIce when current?.Session is { Phase: SessionPhase.Active }:
                OnIceRestarted(current, reply.Response);
                break;
        }
    }

    // People on it are told that they move, then invited anew; sources go before sessions do, so that nobody is told of them twice.
    private void RemoveBridge(BridgeSessionState bridge, TimeSpan avoided)
    {
        Count(ConferenceEvent.BridgeRemoved);
        var movers = _document.Participants.Where(participant => participant.Session is { Phase: not SessionPhase.Ended } session && session.BridgeSession == bridge.Id).ToList();
        var failures = Core.FailuresInARow + 1;
        Core = Core with
        {
            BridgeSessions = Core.BridgeSessions.RemoveAll(session => session.Id == bridge.Id),
            FailuresInARow = failures,
            RetryDeadline = failures > FocusLimits.EagerRetries ? Now + FocusLimits.RetryDelay : Core.RetryDeadline,
            Avoided = avoided > TimeSpan.Zero ? Core.Avoided.Add(new AvoidedBridge(bridge.Instance, Now + avoided)) : Core.Avoided,
        };
        foreach (var participant in movers.Where(participant => participant.Session!.IsLive))
        {
            SendTerminate(participant.Nick, participant.Session!, "success", "moving");
            Count(ConferenceEvent.ParticipantMoved);
        }

        // First none of them has a session, then their sources go: only who stays is told.
        foreach (var participant in movers)
        {
            Put(participant with { Session = null, FormerSid = participant.Session!.Sid });
            ForgetInitiate(participant.Nick);
        }

        foreach (var participant in movers) WithdrawSources(participant.Nick);
        ForgiveFailedInvites();
        InviteAll();
        if (Core.BridgeSessions.IsEmpty) PublishStatus();
    }

    private void Reinvite(Participant participant, bool expire)
    {
        var session = participant.Session!;
        if (session.IsLive) SendTerminate(participant.Nick, session, "success", "moving");
        Count(ConferenceEvent.ParticipantMoved);
        Put(participant);
        if (expire) ExpireEndpoint(session.BridgeSession, participant.Nick);
        DropSession(participant);
        InviteAll();
    }

    private void OnBridgesChanged()
    {
        foreach (var session in Core.BridgeSessions.ToList())
        {
            var bridge = _context.Bridges.Find(session.BridgeId);
            // Not heard of yet by this node: not lost. One that started anew knows nothing of this conference.
            if (bridge is null || (bridge.Instance == session.Instance && !bridge.Lost)) continue;
            if (bridge is { ShuttingDown: true, Operational: true }) ExpireOnBridge(session);
            // As long as it is lost the pool says so.
            RemoveBridge(session, TimeSpan.Zero);
        }

        ForgiveFailedInvites();
        if (Core.BridgeSessions.IsEmpty) Core = Core with { RetryDeadline = MonotonicTime.Never };
        InviteAll();
    }

    // What the old owner asked may have been done or not. Taking away and then creating comes out the same either way; everything else
    // may simply be said twice.
    private void RepeatCalls()
    {
        foreach (var call in _document.Calls.ToList())
        {
            var request = ModifyConferenceRequest.Parser.ParseFrom(call.Request);
            if (FindBridgeSession(call.BridgeSession) is { } bridge)
            {
                if (request.Create) ExpireOnBridge(bridge);
                else if (call.Purpose == CallPurpose.Allocate) ExpireEndpoint(bridge.Id, call.Nick);
            }

            _outputs.Add(Traced(new CallBridge(call.Id, call.BridgeId, call.ControlAddress, request), call.Purpose, call.Nick));
        }
    }
}

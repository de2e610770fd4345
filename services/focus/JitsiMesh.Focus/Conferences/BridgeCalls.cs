using Google.Protobuf;
using JitsiMesh.Contracts.Bridge;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Calls to the conference's bridges, and those that are unanswered. Owns the document's <see cref="PendingCall"/> fields.</summary>
internal sealed class BridgeCalls(ConferenceDocument document, ConferenceEffects effects)
{
    /// <returns>The number of the call; the reply carries it.</returns>
    public long Call(BridgeSessionState bridge, CallPurpose purpose, string nick, ModifyConferenceRequest request)
    {
        var id = effects.NextNumber();
        document.Put(new PendingCall(id, bridge.Id, bridge.BridgeId, bridge.ControlAddress, purpose, nick, request.Create, request.ToByteArray()));
        effects.Add(Traced(new CallBridge(id, bridge.BridgeId, bridge.ControlAddress, request), purpose, nick));
        return id;
    }

    /// <summary>A request about the conference on its bridge; the caller adds endpoints.</summary>
    public ModifyConferenceRequest NewRequest() => new() { MeetingId = document.Core.MeetingId, Name = document.Core.Room };

    public void Update(ParticipantSession session, EndpointChange change, CallPurpose purpose = CallPurpose.Update)
    {
        if (Find(session.BridgeSession) is not { } bridge) return;
        var request = NewRequest();
        request.Endpoints.Add(change);
        Call(bridge, purpose, change.Id, request);
    }

    public void ExpireEndpoint(string bridgeSession, string nick)
    {
        if (Find(bridgeSession) is not { Created: true } bridge) return;
        var request = NewRequest();
        request.Endpoints.Add(new EndpointChange { Id = nick, Expire = true });
        Call(bridge, CallPurpose.Expire, nick, request);
    }

    public void ExpireConference(BridgeSessionState bridge)
    {
        if (!bridge.Created) return;
        var request = NewRequest();
        request.Expire = true;
        Call(bridge, CallPurpose.Expire, "", request);
    }

    /// <summary>Removes and returns the call that a reply belongs to; null when the call is already answered.</summary>
    public PendingCall? TakeAnswered(long id)
    {
        var call = document.FindCall(id);
        if (call is not null) document.RemoveCall(id);
        return call;
    }

    /// <summary>The bridge session with an id, or null when it was removed.</summary>
    public BridgeSessionState? Find(string id)
    {
        foreach (var session in document.Core.Assignment.Sessions)
        {
            if (session.Id == id) return session;
        }

        return null;
    }

    /// <summary>A call that creates the conference on the bridge is unanswered.</summary>
    public bool IsBeingCreated(BridgeSessionState bridge) => document.Calls.Any(call => call.Creates && call.BridgeSession == bridge.Id);

    // The previous owner's call may or may not have been executed. Expiring the endpoint before creating it gives the same result either way; all other calls can be repeated safely.
    public void RepeatAll()
    {
        foreach (var call in document.Calls.ToList())
        {
            var request = ModifyConferenceRequest.Parser.ParseFrom(call.Request);
            if (Find(call.BridgeSession) is { } bridge)
            {
                if (request.Create) ExpireConference(bridge);
                else if (call.Purpose == CallPurpose.Allocate) ExpireEndpoint(bridge.Id, call.Nick);
            }

            effects.Add(Traced(new CallBridge(call.Id, call.BridgeId, call.ControlAddress, request), call.Purpose, call.Nick));
        }
    }

    // A call that invites a participant belongs to the trace of its join, however late; other calls belong to the trace of the current stanza.
    private CallBridge Traced(CallBridge call, CallPurpose purpose, string nick)
    {
        if (purpose != CallPurpose.Allocate) return effects.Trace is null ? call : call with { Trace = effects.Trace };
        return document.Find(nick)?.Trace is { } trace ? call with { Trace = trace, Invites = nick } : call;
    }
}

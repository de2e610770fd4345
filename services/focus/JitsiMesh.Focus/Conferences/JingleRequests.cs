using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Handles participants' Jingle requests (XEP-0166). Every request gets an answer; without one the client waits 10 s and fails. Has no state.</summary>
internal sealed class JingleRequests(
    ConferenceDocument document,
    ConferenceEffects effects,
    RequestBudgets budgets,
    BridgeCalls calls,
    SourceSignalling sources,
    SourceRequests sourceRequests,
    ParticipantSessions sessions,
    Invitations invitations,
    IceRestarts iceRestarts)
{
    /// <param name="participant">The sender; null when it is not a participant.</param>
    public void OnRequest(XmppElement iq, XmppElement jingle, Participant? participant)
    {
        if (iq["type"] != "set" || participant is null)
        {
            effects.Refuse(iq, StanzaError.BadRequest);
            return;
        }

        var changesSources = jingle["action"] is "source-add" or "source-remove" or "addsource" or "removesource";
        if (!budgets.TryTake(iq, ref participant, changesSources ? FocusLimits.SourceChangeCost : 1)) return;
        if (!JingleParser.TryParseRequest(jingle, out var message, out var error))
        {
            effects.Count(ConferenceEvent.MalformedStanza);
            RefuseMalformed(iq, jingle, participant, error);
            return;
        }

        var session = participant.Session;
        if (session is null || session.Sid != message.Sid)
        {
            var former = participant.FormerSid == message.Sid;
            effects.Refuse(iq, !former ? StanzaError.BadRequest : message.Action == JingleAction.SessionAccept ? StanzaError.Gone : StanzaError.ItemNotFound.WithText("no longer active"));
            return;
        }

        if (session.Phase is SessionPhase.Ended or SessionPhase.Allocating)
        {
            effects.Refuse(iq, StanzaError.Gone);
            return;
        }

        switch (message.Action)
        {
            case JingleAction.SessionAccept or JingleAction.TransportAccept:
                OnAccept(iq, message, participant, session);
                break;
            case JingleAction.TransportInfo:
                OnTransportInfo(iq, message, participant, session);
                break;
            case JingleAction.SourceAdd:
                sourceRequests.OnAdd(iq, message, participant, session);
                break;
            case JingleAction.SourceRemove:
                sourceRequests.OnRemove(iq, message, participant, session);
                break;
            case JingleAction.SessionInfo:
                OnSessionInfo(iq, message, participant, session);
                break;
            case JingleAction.SessionTerminate:
                OnSessionTerminate(iq, message, participant, session);
                break;
            case JingleAction.TransportReject:
                effects.Send(Stanzas.Result(iq));
                break;
            default:
                effects.Refuse(iq, StanzaError.FeatureNotImplemented);
                break;
        }
    }

    // An unreadable accept ends the session, as an invalid one does.
    private void RefuseMalformed(XmppElement iq, XmppElement jingle, Participant participant, JingleParseError error)
    {
        effects.Refuse(iq, error == JingleParseError.UnknownAction ? StanzaError.FeatureNotImplemented : StanzaError.BadRequest.WithText(error.ToString()));
        if (jingle["action"] == "session-accept" && participant.Session is { Phase: SessionPhase.Pending } session && jingle["sid"] == session.Sid) sessions.End(participant);
    }

    // 1. Validate and store the sources. 2. Send one update to the bridge: transport, all sources, last-n. 3. Answer. 4. Tell the other participants. 5. Tell this participant
    // what waited for its accept.
    private void OnAccept(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        var change = SourceRequests.Read(message);
        var transport = message.Contents.Select(content => content.Transport).FirstOrDefault(one => one is not null);
        if (participant.IsVisitor && !change.IsEmpty)
        {
            effects.Refuse(iq, StanzaError.Forbidden);
            return;
        }

        var wasPending = session.Phase == SessionPhase.Pending;
        if (wasPending) document.Put(participant = participant with { Session = session = session with { Phase = SessionPhase.Active } });
        var rejection = sources.TryAccept(participant, change, isComplete: transport is not null);
        if (rejection != SourceRejection.None || transport is null)
        {
            effects.Count(ConferenceEvent.SourceChangeRejected);
            effects.Refuse(iq, StanzaError.BadRequest.WithText(transport is null ? "no transport" : rejection.ToString()));
            sessions.End(participant);
            return;
        }

        var update = sources.Change(participant.Nick);
        update.Transport = BridgeRequests.Transport(transport);
        if (message.Contents.FirstOrDefault(content => content.Name == "video")?.InitialLastN is { } lastN) update.InitialLastN = lastN;
        calls.Update(session, update);
        effects.Send(Stanzas.Result(iq));
        if (wasPending) effects.Count(ConferenceEvent.SessionAccepted);
        if (!change.IsEmpty) sources.Propagate(participant.Nick);
        sources.Flush(document.Find(participant.Nick)!);
    }

    private void OnTransportInfo(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        if (message.Contents.Select(content => content.Transport).FirstOrDefault(one => one is not null) is not { } transport)
        {
            effects.Refuse(iq, StanzaError.BadRequest);
            return;
        }

        calls.Update(session, new EndpointChange { Id = participant.Nick, Transport = BridgeRequests.Transport(transport) });
        effects.Send(Stanzas.Result(iq));
    }

    private void OnSessionInfo(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        var same = message.BridgeSession?.Id == session.BridgeSession;
        if (message.BridgeSession is { IceRestart: true })
        {
            iceRestarts.OnRequest(iq, participant, session, same);
            return;
        }

        if (message.IceState != "failed" || !same)
        {
            effects.Send(Stanzas.Result(iq));
            return;
        }

        // COMPAT(old clients): they report that ICE failed and wait for a new invitation.
        if (sessions.TryTakeRestart(participant) is not { } granted)
        {
            effects.Refuse(iq, StanzaError.ResourceConstraint);
            return;
        }

        effects.Send(Stanzas.Result(iq));
        effects.Count(ConferenceEvent.RestartRequested);
        effects.Add(new RestartGranted(participant.Nick));
        invitations.Reinvite(granted, expire: true);
    }

    private void OnSessionTerminate(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        if (message.BridgeSession is { } named && named.Id != session.BridgeSession)
        {
            effects.Refuse(iq, StanzaError.ItemNotFound);
            return;
        }

        if (message.BridgeSession is not { Restart: true })
        {
            effects.Send(Stanzas.Result(iq));
            sessions.End(participant);
            return;
        }

        effects.Count(ConferenceEvent.RestartRequested);
        if (sessions.TryTakeRestart(participant) is not { } granted)
        {
            effects.Refuse(iq, StanzaError.ResourceConstraint);
            sessions.End(participant);
            return;
        }

        effects.Add(new RestartGranted(participant.Nick));
        document.Put(granted);
        effects.Send(Stanzas.Result(iq));
        calls.ExpireEndpoint(session.BridgeSession, participant.Nick);
        sessions.Drop(granted);
        invitations.InviteAll();
    }
}

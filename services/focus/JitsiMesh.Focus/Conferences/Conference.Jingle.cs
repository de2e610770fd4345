using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>What participants say in their Jingle sessions. Every request is answered, or the client waits 10 s and fails.</summary>
public sealed partial class Conference
{
    private void OnJingle(XmppElement iq, XmppElement jingle, Participant? participant)
    {
        if (iq["type"] != "set" || participant is null)
        {
            Refuse(iq, StanzaError.BadRequest);
            return;
        }

        var changesSources = jingle["action"] is "source-add" or "source-remove" or "addsource" or "removesource";
        if (!TakeRequest(iq, ref participant, changesSources ? FocusLimits.SourceChangeCost : 1)) return;
        if (!JingleParser.TryParseRequest(jingle, out var message, out var error))
        {
            Count(ConferenceEvent.MalformedStanza);
            RefuseMalformed(iq, jingle, participant, error);
            return;
        }

        var session = participant.Session;
        if (session is null || session.Sid != message.Sid)
        {
            var former = participant.FormerSid == message.Sid;
            Refuse(iq, !former ? StanzaError.BadRequest : message.Action == JingleAction.SessionAccept ? StanzaError.Gone : StanzaError.ItemNotFound.WithText("no longer active"));
            return;
        }

        if (session.Phase is SessionPhase.Ended or SessionPhase.Allocating)
        {
            Refuse(iq, StanzaError.Gone);
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
                OnSourceAdd(iq, message, participant, session);
                break;
            case JingleAction.SourceRemove:
                OnSourceRemove(iq, message, participant, session);
                break;
            case JingleAction.SessionInfo:
                OnSessionInfo(iq, message, participant, session);
                break;
            case JingleAction.SessionTerminate:
                OnSessionTerminate(iq, message, participant, session);
                break;
            case JingleAction.TransportReject:
                Send(Stanzas.Result(iq));
                break;
            default:
                Refuse(iq, StanzaError.FeatureNotImplemented);
                break;
        }
    }

    // Whatever a participant asks for costs it; when nothing is left it is told so, and nothing else happens.
    private bool TakeRequest(XmppElement iq, ref Participant participant, double cost)
    {
        if (!participant.Requests.TryTake(cost, Now, out var after))
        {
            Count(ConferenceEvent.RequestRefused);
            Refuse(iq, StanzaError.ResourceConstraint.WithText("Too many requests"));
            return false;
        }

        Put(participant = participant with { Requests = after });
        return true;
    }

    private void Refuse(XmppElement iq, StanzaError error)
    {
        _outputs.Add(new JingleRefused(error.Condition));
        Answer(iq, error);
    }

    // An accept that cannot be read ends the session, as one that does not validate does.
    private void RefuseMalformed(XmppElement iq, XmppElement jingle, Participant participant, JingleParseError error)
    {
        Refuse(iq, error == JingleParseError.UnknownAction ? StanzaError.FeatureNotImplemented : StanzaError.BadRequest.WithText(error.ToString()));
        if (jingle["action"] == "session-accept" && participant.Session is { Phase: SessionPhase.Pending } session && jingle["sid"] == session.Sid) EndSession(participant);
    }

    // 1. Sources are validated and kept. 2. One update to the bridge: transport, all sources, last-n. 3. The answer. 4. The others are
    // told. 5. What waited for this participant is told.
    private void OnAccept(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        var change = ReadSources(message);
        var transport = message.Contents.Select(content => content.Transport).FirstOrDefault(one => one is not null);
        if (participant.IsVisitor && !change.IsEmpty)
        {
            Refuse(iq, StanzaError.Forbidden);
            return;
        }

        var wasPending = session.Phase == SessionPhase.Pending;
        if (wasPending) Put(participant = participant with { Session = session = session with { Phase = SessionPhase.Active } });
        var rejection = _sources.TryAdd(participant.Nick, change, out _);
        if (rejection != SourceRejection.None || transport is null)
        {
            Count(ConferenceEvent.SourceChangeRejected);
            Refuse(iq, StanzaError.BadRequest.WithText(transport is null ? "no transport" : rejection.ToString()));
            EndSession(participant);
            return;
        }

        _sources.Keep(participant.Nick, SourceSet.Empty);
        StoreSources(participant with { FormerSources = SourceSet.Empty });
        var update = SourcesChange(participant.Nick);
        update.Transport = BridgeRequests.Transport(transport);
        if (message.Contents.FirstOrDefault(content => content.Name == "video")?.InitialLastN is { } lastN) update.InitialLastN = lastN;
        Update(session, update);
        Send(Stanzas.Result(iq));
        if (wasPending) Count(ConferenceEvent.SessionAccepted);
        if (!change.IsEmpty) PropagateSources(participant.Nick);
        FlushSources(_document.Find(participant.Nick)!);
    }

    private void OnTransportInfo(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        if (message.Contents.Select(content => content.Transport).FirstOrDefault(one => one is not null) is not { } transport)
        {
            Refuse(iq, StanzaError.BadRequest);
            return;
        }

        Update(session, new EndpointChange { Id = participant.Nick, Transport = BridgeRequests.Transport(transport) });
        Send(Stanzas.Result(iq));
    }

    private void OnSourceAdd(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        var change = ReadSources(message);
        if (change.IsEmpty)
        {
            Send(Stanzas.Result(iq));
            return;
        }

        if (participant.IsVisitor)
        {
            Refuse(iq, StanzaError.Forbidden);
            return;
        }

        if ((change.Has(MediaKind.Audio) && AudioSenders >= _options.MaxAudioSenders) || (change.Has(MediaKind.Video) && VideoSenders >= _options.MaxVideoSenders))
        {
            Refuse(iq, StanzaError.ResourceConstraint);
            return;
        }

        Apply(iq, participant, session, _sources.TryAdd(participant.Nick, change, out _));
    }

    private void OnSourceRemove(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        var change = ReadSources(message);
        if (change.IsEmpty)
        {
            Send(Stanzas.Result(iq));
            return;
        }

        var rejection = _sources.TryRemove(participant.Nick, change, out var removed);
        Apply(iq, rejection == SourceRejection.None ? KeepFormer(participant, removed) : participant, session, rejection);
    }

    private void Apply(XmppElement iq, Participant participant, ParticipantSession session, SourceRejection rejection)
    {
        if (rejection != SourceRejection.None)
        {
            Count(ConferenceEvent.SourceChangeRejected);
            Refuse(iq, StanzaError.BadRequest.WithText(rejection.ToString()));
            return;
        }

        StoreSources(participant);
        Update(session, SourcesChange(participant.Nick));
        Send(Stanzas.Result(iq));
        PropagateSources(participant.Nick);
    }

    private void OnSessionInfo(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        var same = message.BridgeSession?.Id == session.BridgeSession;
        if (message.BridgeSession is { IceRestart: true })
        {
            OnIceRestartRequest(iq, participant, session, same);
            return;
        }

        if (message.IceState != "failed" || !same)
        {
            Send(Stanzas.Result(iq));
            return;
        }

        // COMPAT(old clients): they say that ICE failed and wait to be invited again.
        if (TryTakeRestart(participant) is not { } granted)
        {
            Refuse(iq, StanzaError.ResourceConstraint);
            return;
        }

        Send(Stanzas.Result(iq));
        Count(ConferenceEvent.RestartRequested);
        Reinvite(granted, expire: true);
    }

    private void OnIceRestartRequest(XmppElement iq, Participant participant, ParticipantSession session, bool sameBridgeSession)
    {
        if (!_options.EnableIceRestart)
        {
            Refuse(iq, StanzaError.FeatureNotImplemented);
            return;
        }

        if (!sameBridgeSession)
        {
            Refuse(iq, StanzaError.ItemNotFound);
            return;
        }

        if (!RestartBudget.TryTake(participant.IceRestarts, _options.RestartLimits, Now, out var taken))
        {
            Refuse(iq, StanzaError.ResourceConstraint);
            return;
        }

        Put(participant with { IceRestarts = taken });
        Count(ConferenceEvent.IceRestartRequested);
        Update(session, new EndpointChange { Id = participant.Nick, RestartIce = true }, CallPurpose.RestartIce);
        Send(Stanzas.Result(iq));
    }

    // A newer generation is relayed; the old transport means that the bridge kept it; none means that it refused.
    private void OnIceRestarted(Participant participant, ModifyConferenceResponse response)
    {
        var session = participant.Session!;
        if (response.Endpoints.FirstOrDefault(endpoint => endpoint.Id == participant.Nick)?.Transport is not { } transport)
        {
            Reinvite(participant, expire: true);
            return;
        }

        if (transport.IceGeneration <= session.IceGeneration) return;
        Put(participant with { Session = session with { IceGeneration = transport.IceGeneration } });
        Count(ConferenceEvent.IceRestartRelayed);
        var info = new JingleMessage
        {
            Action = JingleAction.TransportInfo,
            Initiator = _options.FullAddress,
            Sid = session.Sid,
            Contents = [new JingleContent { Name = "audio", Senders = "both", Transport = BridgeRequests.Transport(transport) with { SctpMap = null } }],
        };
        SendIq(OccupantJid(participant.Nick), JingleFormat.Format(info));
    }

    private void OnSessionTerminate(XmppElement iq, JingleMessage message, Participant participant, ParticipantSession session)
    {
        if (message.BridgeSession is { } named && named.Id != session.BridgeSession)
        {
            Refuse(iq, StanzaError.ItemNotFound);
            return;
        }

        if (message.BridgeSession is not { Restart: true })
        {
            Send(Stanzas.Result(iq));
            EndSession(participant);
            return;
        }

        Count(ConferenceEvent.RestartRequested);
        if (!RestartBudget.TryTake(participant.Restarts, _options.RestartLimits, Now, out var taken))
        {
            Refuse(iq, StanzaError.ResourceConstraint);
            EndSession(participant);
            return;
        }

        Put(participant = participant with { Restarts = taken });
        Send(Stanzas.Result(iq));
        ExpireEndpoint(session.BridgeSession, participant.Nick);
        DropSession(participant);
        InviteAll();
    }

    private static SourceSet ReadSources(JingleMessage message)
    {
        var descriptions = message.Contents.Select(content => content.Description).OfType<RtpDescription>().ToList();
        return new SourceSet([.. descriptions.SelectMany(one => one.Sources).Select(owned => owned.Source)], [.. descriptions.SelectMany(one => one.Groups)]);
    }
}

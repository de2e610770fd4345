using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// One conference as a synchronous state machine: it takes an input with its time and returns outputs. The host writes <see cref="TakeChange"/> to the store, executes the
/// outputs in order, then passes the next input. The whole state is in the <see cref="ConferenceDocument"/>: the next owner creates a conference from the stored document and
/// continues. This type routes inputs to its parts, and informs parts of changes that others made.
/// </summary>
public sealed class Conference
{
    private readonly FocusOptions _options;
    private readonly ConferenceDocument _document;
    private readonly ConferenceEffects _effects;
    private readonly IqRequests _iqs;
    private readonly FocusPresence _presence;
    private readonly ConferenceTimeouts _timeouts;
    private readonly BreakoutRooms _breakouts;
    private readonly OwnerElection _owners;
    private readonly SenderLimits _limits;
    private readonly BridgeCalls _calls;
    private readonly BridgeAssignment _bridges;
    private readonly Moderation _moderation;
    private readonly SourceSignalling _sources;
    private readonly Invitations _invitations;
    private readonly BridgeFailures _failures;
    private readonly IceRestarts _iceRestarts;
    private readonly JingleRequests _jingle;
    private readonly ConferenceRequests _requests;
    private readonly RoomEntry _entry;
    private readonly FeatureDiscovery _features;
    private readonly Members _members;
    private readonly FailedInputs _failedInputs;
    private readonly IDeadlines[] _deadlines;

    /// <summary>A new conference. It joins its room when the request that created it arrives as the first input.</summary>
    public Conference(string room, FocusOptions options, IRandomSource random)
        : this(new ConferenceDocument(new ConferenceCore { Room = room, MeetingId = random.NextUuid(), Tag = random.NextHex(8) }), options, random)
    {
    }

    /// <summary>A conference that another owner started.</summary>
    public Conference(ConferenceDocument document, FocusOptions options, IRandomSource random)
    {
        _options = options;
        _document = document;
        _effects = new ConferenceEffects(document, options);
        _iqs = new IqRequests(document, _effects, options);
        _presence = new FocusPresence(document, _effects, options);
        _timeouts = new ConferenceTimeouts(document, _effects, options);
        _breakouts = new BreakoutRooms(document, _timeouts);
        _owners = new OwnerElection(document, _effects, options);
        _limits = new SenderLimits(document, _presence, options);
        var budgets = new RequestBudgets(document, _effects);
        _calls = new BridgeCalls(document, _effects);
        _bridges = new BridgeAssignment(document, _effects, _calls, _presence, random, options);
        _moderation = new Moderation(document, _effects, _calls, budgets, options);
        _sources = new SourceSignalling(document, _effects, options);
        var sessions = new ParticipantSessions(document, _effects, _iqs, _calls, _sources, options);
        _invitations = new Invitations(document, _effects, _iqs, _calls, _bridges, _presence, _sources, _moderation, sessions, random, options);
        _failures = new BridgeFailures(document, _effects, _calls, _bridges, sessions, _invitations, _presence, options);
        _iceRestarts = new IceRestarts(document, _effects, _calls, _invitations, options);
        _jingle = new JingleRequests(document, _effects, budgets, _calls, _sources, new SourceRequests(_effects, _calls, _sources, _limits), sessions, _invitations, _iceRestarts);
        _requests = new ConferenceRequests(document, _effects, _presence, _timeouts, _owners, _moderation, options);
        _entry = new RoomEntry(document, _iqs, _owners);
        _features = new FeatureDiscovery(document, _effects, _iqs);
        _members = new Members(document, _effects, _timeouts, _requests, _owners, options);
        _deadlines = [_timeouts, _bridges, _invitations, _iqs];
        _failedInputs = new FailedInputs(document, _effects, _iqs, _calls, _sources, _timeouts, _deadlines);
    }

    public ConferenceDocument Document => _document;

    public string Room => Core.Room;

    public bool HasEnded => Core.Phase == ConferencePhase.Ended;

    /// <summary>When a <see cref="Tick"/> is due, or <see cref="MonotonicTime.Never"/>.</summary>
    public MonotonicTime NextDeadline
    {
        get
        {
            var next = MonotonicTime.Never;
            if (HasEnded) return next;
            foreach (var part in _deadlines) next = MonotonicTime.Min(next, part.NextDeadline);
            return next;
        }
    }

    private ConferenceCore Core
    {
        get => _document.Core;
        set => _document.Core = value;
    }

    public IReadOnlyList<ConferenceOutput> Handle(ConferenceInput input, ConferenceContext context)
    {
        _effects.Begin(context, (input as StanzaReceived)?.Envelope.TraceParent);
        if (!HasEnded || input is TakenOver)
        {
            switch (input)
            {
                case StanzaReceived stanza:
                    OnStanza(stanza.Envelope, stanza.Stanza, stanza.Ticket);
                    break;
                case BridgeReplied reply:
                    OnBridgeReplied(reply.Call, reply.Reply);
                    break;
                case BridgesChanged:
                    _failures.OnBridgesChanged();
                    break;
                case Tick:
                    OnTick();
                    break;
                case TakenOver takenOver:
                    OnTakenOver(takenOver.Outbox);
                    break;
                case InputFailed failed:
                    _failedInputs.OnFailed(failed.Input);
                    break;
            }
        }

        return _effects.Outputs;
    }

    /// <summary>The changes that the store must have before the outputs of the last input are executed.</summary>
    public DocumentChange TakeChange() => _document.TakeChange(_effects.Outbox);

    private void OnStanza(StanzaEnvelope envelope, XmppElement stanza, SessionTicket? ticket)
    {
        if (!_document.TakeIn(envelope)) return;
        if (ConferenceRequest.Is(stanza))
        {
            _requests.OnRequest(envelope, stanza, ticket);
            return;
        }

        if (FocusLogin.TryAnswer(stanza, _options, ticket) is { } login)
        {
            if (ticket is not null) _requests.ForgetLogin(ticket);
            _effects.Send(login, envelope.ReplyQueue);
            return;
        }

        if (!Jid.TryParse(stanza["from"], out var from))
        {
            _effects.Count(ConferenceEvent.MalformedStanza);
            _effects.Answer(stanza, StanzaError.JidMalformed, envelope.ReplyQueue);
            return;
        }

        if (stanza.Name == "message")
        {
            _breakouts.OnMessage(stanza, from);
            _moderation.OnMessage(stanza, from);
            return;
        }

        if (from.Bare.ToString() != Room)
        {
            _effects.Answer(stanza, StanzaError.ServiceUnavailable, envelope.ReplyQueue);
            return;
        }

        switch (stanza.Name)
        {
            case "presence":
                OnPresence(envelope, stanza, from.Resource);
                break;
            case "iq" when stanza["type"] is "result" or "error":
                OnIqAnswer(stanza);
                break;
            case "iq" when Stanzas.IsRequest(stanza):
                OnIqRequest(stanza, from.Resource);
                break;
        }
    }

    private void OnIqRequest(XmppElement iq, string? nick)
    {
        var participant = nick is null ? null : _document.Find(nick);
        if (iq.Child("jingle", JingleNamespaces.Jingle) is { } jingle) _jingle.OnRequest(iq, jingle, participant);
        else if (iq.Child("mute") is { } mute && MuteKinds.TryParse(mute.Namespace, out var kind)) _moderation.OnMute(iq, mute, kind, participant);
        else if (iq.Child("query", Namespaces.DiscoInfo) is not null) _effects.Send(Stanzas.Result(iq, FocusDisco.Create()));
        else if (iq.Child("ping", Namespaces.Ping) is not null) _effects.Send(Stanzas.Result(iq));
        else _effects.Answer(iq, StanzaError.ServiceUnavailable);
    }

    private void OnIqAnswer(XmppElement iq)
    {
        if (_iqs.TakeAnswered(iq) is not { } pending) return;
        var isError = iq["type"] == "error";
        switch (pending.Purpose)
        {
            case IqPurpose.OwnerForm when isError:
            case IqPurpose.OwnerSubmit when isError:
                End(ConferenceEndReason.JoinFailed);
                break;
            case IqPurpose.OwnerForm:
                _entry.OnForm(iq);
                break;
            case IqPurpose.OwnerSubmit:
                OnConfigured();
                break;
            case IqPurpose.Features:
                OnFeatures(pending.Nick, isError ? null : iq.Child("query", Namespaces.DiscoInfo));
                break;
            case IqPurpose.SessionInitiate when isError:
                _invitations.OnInitiateRefused(pending.Nick);
                break;
        }
    }

    private void OnIqTimeout(PendingIq pending)
    {
        switch (pending.Purpose)
        {
            case IqPurpose.OwnerForm or IqPurpose.OwnerSubmit:
                End(ConferenceEndReason.JoinFailed);
                break;
            case IqPurpose.Features:
                OnFeatures(pending.Nick, null);
                break;
        }
    }

    private void OnFeatures(string nick, XmppElement? query)
    {
        if (_features.OnAnswer(nick, query)) _invitations.InviteAll();
    }

    private void OnConfigured()
    {
        _entry.OnConfigured();
        if (_document.ParticipantCount == 0) _timeouts.WaitForParticipants();
        else _timeouts.StopWaitingForParticipants();
        _presence.Publish();
        _requests.AnswerWaiting(ready: true);
        _owners.Elect();
        foreach (var participant in _document.Participants.ToList()) _features.Discover(participant);
        _invitations.InviteAll();
    }

    private void OnPresence(StanzaEnvelope envelope, XmppElement presence, string? nick)
    {
        if (nick is null) return;
        if (nick == FocusOptions.Nick)
        {
            if (_entry.OnOwnPresence(presence) is var reason && reason != ConferenceEndReason.None) End(reason);
            return;
        }

        if (FocusOptions.IsReservedNick(nick) || presence["type"] is not (null or "unavailable")) return;
        if (MemberPresence.Read(presence, nick) is not { } member)
        {
            // A presence without an item can only end a membership.
            _effects.Count(ConferenceEvent.MalformedStanza);
            if (presence["type"] == "unavailable") OnMemberLeft(nick, switchingRoom: false);
            return;
        }

        if (member.Available) OnMemberPresent(member, envelope.Origin?.Session);
        else OnMemberLeft(nick, member.SwitchingRoom);
    }

    private void OnMemberPresent(MemberPresence presence, SessionContext? session)
    {
        // Another session took over the nick; the state of the first session is dropped.
        if (_members.IsTakenOver(presence)) OnMemberLeft(presence.Nick, switchingRoom: true);
        var isNew = _members.Update(presence, session);
        if (Core.Phase != ConferencePhase.Active) return;
        _limits.Check();
        _owners.Elect();
        if (!isNew)
        {
            // The participant may have become a moderator.
            _moderation.Lift(_document.Find(presence.Nick)!);
            return;
        }

        _timeouts.StopWaitingForSecondParticipant();
        _features.Discover(_document.Find(presence.Nick)!);
        _invitations.InviteAll();
    }

    private void OnMemberLeft(string nick, bool switchingRoom)
    {
        if (_document.Find(nick) is not { } participant) return;
        if (participant.Session is { Phase: not SessionPhase.Ended } session) _calls.ExpireEndpoint(session.BridgeSession, nick);
        _iqs.ForgetAll(nick);
        var removed = _sources.Forget(nick);
        _document.Remove(nick);
        _sources.OnOwnerLeft(nick, removed);
        if (_document.ParticipantCount == 0)
        {
            _bridges.ReleaseAll();
            _timeouts.StopWaitingForSecondParticipant();
            if (Core.Phase != ConferencePhase.Active) return;
            if (switchingRoom || _requests.ExpectsSomebody || _breakouts.AreOccupied) _timeouts.WaitForParticipants();
            else End(ConferenceEndReason.LastParticipantLeft);
            return;
        }

        if (Core.Phase != ConferencePhase.Active) return;
        _limits.Check();
        _owners.Elect();
        if (_document.ParticipantCount == 1 && _options.MinParticipants > 1) _timeouts.WaitForSecondParticipant();
    }

    private void OnBridgeReplied(long id, BridgeReply reply)
    {
        if (_calls.TakeAnswered(id) is not { } call) return;
        // The session was removed in the meantime and needs no answer.
        if (_calls.Find(call.BridgeSession) is not { } bridge) return;
        var participant = _document.Find(call.Nick);
        var current = participant?.Session?.BridgeSession == bridge.Id ? participant : null;
        if (reply.Response is null)
        {
            _failures.OnFailed(call, bridge, current, reply.Failure);
            return;
        }

        // The call that creates the conference was unanswered, yet it did create the conference.
        if (call.Purpose == CallPurpose.Allocate && !bridge.Created) bridge = _bridges.SetCreated(bridge, created: true);
        switch (call.Purpose)
        {
            case CallPurpose.Allocate when current?.Session is { Phase: SessionPhase.Allocating } session && session.Call == id:
                _invitations.OnAllocated(current, bridge, reply.Response);
                break;
            case CallPurpose.RestartIce when current?.Session is { Phase: SessionPhase.Active }:
                _iceRestarts.OnRestarted(current, reply.Response);
                break;
        }
    }

    private void OnTick()
    {
        if (_timeouts.TakeEmpty())
        {
            if (Core.Phase != ConferencePhase.Active) End(ConferenceEndReason.JoinFailed);
            else if (_document.ParticipantCount == 0 && !_breakouts.AreOccupied) End(ConferenceEndReason.NobodyJoined);
            if (HasEnded) return;
        }

        foreach (var pending in _iqs.Due())
        {
            _iqs.Remove(pending);
            OnIqTimeout(pending);
            if (HasEnded) return;
        }

        if (_timeouts.TakeSingle()) _invitations.ReleaseLoneParticipant();
        _bridges.OnNoBridgeDue();
        _invitations.OnDue();
    }

    // The previous owner may have crashed before, while or after it executed its last outputs. The stanzas are sent again under their old numbers, so that a room ignores those
    // that it already has, and every unanswered call is repeated.
    private void OnTakenOver(IReadOnlyList<StanzaEnvelope> outbox)
    {
        foreach (var envelope in outbox) _effects.Add(new SendStanza(envelope));
        _calls.RepeatAll();
        if (HasEnded) _effects.Add(new ConferenceEnded(Core.MeetingId, Core.EndReason));
    }

    private void End(ConferenceEndReason reason)
    {
        _bridges.ExpireAll();
        _requests.AnswerWaiting(ready: false);
        if (reason != ConferenceEndReason.RoomDestroyed) _presence.Leave();
        Core = Core with { Phase = ConferencePhase.Ended, EndReason = reason };
        _effects.Add(new ConferenceEnded(Core.MeetingId, reason));
    }
}

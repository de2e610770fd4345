using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// One conference: a synchronous machine that takes an input with its time and gives outputs. Whoever runs it writes
/// <see cref="TakeChange"/> to the store, then carries the outputs out in order, then brings the next input. All that it knows is in its
/// <see cref="ConferenceDocument"/>; a machine made from the stored document goes on as this one would.
/// </summary>
public sealed partial class Conference
{
    private readonly FocusOptions _options;
    private readonly IRandomSource _random;
    private readonly FocusStanzas _stanzas;
    private readonly ConferenceDocument _document;
    private readonly ConferenceSources _sources;
    private readonly List<ConferenceOutput> _outputs = [];
    private ConferenceContext _context = null!;
    private string? _trace;

    /// <summary>A new conference: it joins its room when the request that made it comes as its first input.</summary>
    public Conference(string room, FocusOptions options, IRandomSource random)
        : this(new ConferenceDocument(new ConferenceCore { Room = room, MeetingId = random.NextUuid(), Tag = random.NextHex(8) }), options, random)
    {
    }

    /// <summary>A conference that another owner began.</summary>
    public Conference(ConferenceDocument document, FocusOptions options, IRandomSource random)
    {
        _options = options;
        _random = random;
        _stanzas = new FocusStanzas(options);
        _document = document;
        _sources = new ConferenceSources(options.SourceLimits, nick => document.Find(nick) is not null);
        foreach (var participant in document.Participants)
        {
            _sources.Restore(participant.Nick, participant.Sources);
            _sources.Keep(participant.Nick, participant.FormerSources);
        }

        KeepBridgeSources();
    }

    public ConferenceDocument Document => _document;

    public string Room => Core.Room;

    public bool HasEnded => Core.Phase == ConferencePhase.Ended;

    /// <summary>When a <see cref="Tick"/> is due, or <see cref="MonotonicTime.Never"/>.</summary>
    public MonotonicTime NextDeadline
    {
        get
        {
            if (HasEnded) return MonotonicTime.Never;
            var next = MonotonicTime.Min(MonotonicTime.Min(Core.EmptyDeadline, Core.SingleDeadline), MonotonicTime.Min(Core.RetryDeadline, Core.NoBridgeDeadline));
            next = MonotonicTime.Min(next, Core.ForgiveDeadline);
            foreach (var pending in Core.PendingIqs) next = MonotonicTime.Min(next, pending.Deadline);
            return next;
        }
    }

    private ConferenceCore Core
    {
        get => _document.Core;
        set => _document.Core = value;
    }

    private MonotonicTime Now => _context.Now;

    private string OccupantJid(string nick) => $"{Room}/{nick}";

    public IReadOnlyList<ConferenceOutput> Handle(ConferenceInput input, ConferenceContext context)
    {
        _context = context;
        _trace = (input as StanzaReceived)?.Envelope.TraceParent;
        _outputs.Clear();
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
                    OnBridgesChanged();
                    break;
                case Tick:
                    OnTick();
                    break;
                case TakenOver takenOver:
                    OnTakenOver(takenOver.Outbox);
                    break;
                case InputFailed failed:
                    OnInputFailed(failed.Input);
                    break;
            }
        }

        return [.. _outputs];
    }

    /// <summary>What the store must know before the outputs of the last input are carried out.</summary>
    public DocumentChange TakeChange() => _document.TakeChange([.. _outputs.OfType<SendStanza>().Select(output => output.Envelope)]);

    private void OnStanza(StanzaEnvelope envelope, XmppElement stanza, SessionTicket? ticket)
    {
        if (!_document.TakeIn(envelope)) return;
        if (ConferenceRequest.Is(stanza))
        {
            OnConferenceRequest(envelope, stanza, ticket);
            return;
        }

        if (FocusLogin.TryAnswer(stanza, _options, ticket) is { } login)
        {
            if (ticket is not null) ForgetLogin(ticket);
            Send(login, askerQueue: envelope.ReplyQueue);
            return;
        }

        if (!Jid.TryParse(stanza["from"], out var from))
        {
            Count(ConferenceEvent.MalformedStanza);
            Answer(stanza, StanzaError.JidMalformed, envelope.ReplyQueue);
            return;
        }

        if (stanza.Name == "message")
        {
            OnMessage(stanza, from);
            return;
        }

        if (from.Bare.ToString() != Room)
        {
            Answer(stanza, StanzaError.ServiceUnavailable, envelope.ReplyQueue);
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
        if (iq.Child("jingle", JingleNamespaces.Jingle) is { } jingle) OnJingle(iq, jingle, participant);
        else if (iq.Child("mute") is { } mute && MuteKinds.TryParse(mute.Namespace, out var kind)) OnMute(iq, mute, kind, participant);
        else if (iq.Child("query", Namespaces.DiscoInfo) is not null) Send(Stanzas.Result(iq, FocusDisco.Create()));
        else if (iq.Child("ping", Namespaces.Ping) is not null) Send(Stanzas.Result(iq));
        else Answer(iq, StanzaError.ServiceUnavailable);
    }

    private void OnTick()
    {
        if (Now >= Core.EmptyDeadline)
        {
            Core = Core with { EmptyDeadline = MonotonicTime.Never };
            if (Core.Phase != ConferencePhase.Active) End(ConferenceEndReason.JoinFailed);
            else if (_document.ParticipantCount == 0) End(ConferenceEndReason.NobodyJoined);
            if (HasEnded) return;
        }

        foreach (var pending in Core.PendingIqs.Where(pending => Now >= pending.Deadline).ToList())
        {
            Core = Core with { PendingIqs = Core.PendingIqs.Remove(pending) };
            OnIqTimeout(pending);
            if (HasEnded) return;
        }

        if (Now >= Core.SingleDeadline)
        {
            Core = Core with { SingleDeadline = MonotonicTime.Never };
            ReleaseLoneParticipant();
        }

        if (Now >= Core.NoBridgeDeadline)
        {
            Core = Core with { NoBridgeDeadline = MonotonicTime.Never, BridgeNotAvailable = true };
            Count(ConferenceEvent.NoBridgeAvailable);
            PublishStatus();
        }

        if (Now < MonotonicTime.Min(Core.RetryDeadline, Core.ForgiveDeadline)) return;
        if (Now >= Core.ForgiveDeadline) ForgiveFailedInvites();
        if (Now >= Core.RetryDeadline) Core = Core with { RetryDeadline = MonotonicTime.Never };
        InviteAll();
    }

    // The old owner may have died before, within or after carrying out its last outputs: the stanzas are sent again under their numbers, so
    // that a room which has them passes over them, and every call that was not answered is made again.
    private void OnTakenOver(IReadOnlyList<StanzaEnvelope> outbox)
    {
        foreach (var envelope in outbox) _outputs.Add(new SendStanza(envelope));
        RepeatCalls();
        if (HasEnded) _outputs.Add(new ConferenceEnded(Core.MeetingId, Core.EndReason));
    }

    private void Send(XmppElement stanza, IReadOnlyList<string>? recipients = null, string askerQueue = "")
    {
        Core = Core with { LastSent = Core.LastSent + 1 };
        _outputs.Add(new SendStanza(new StanzaEnvelope
        {
            Room = Room,
            Stanza = stanza.ToString(),
            Recipients = recipients ?? [],
            Sender = "focus/" + Core.Tag,
            Sequence = Core.LastSent,
            AskerQueue = askerQueue,
        }));
    }

    private void Answer(XmppElement stanza, StanzaError error, string askerQueue = "")
    {
        if (Stanzas.IsRequest(stanza)) Send(Stanzas.Error(stanza, error), askerQueue: askerQueue);
    }

    private string SendIq(string to, XmppElement payload, string type = "set")
    {
        var id = $"{Core.Tag}-{NextNumber()}";
        Send(Stanzas.Iq(type, id, to, payload, _options.FullAddress));
        return id;
    }

    /// <summary>Sends an IQ whose answer, or silence, is an input of its own.</summary>
    private void Ask(string to, XmppElement payload, string type, IqPurpose purpose, string nick = "")
    {
        var id = SendIq(to, payload, type);
        Core = Core with { PendingIqs = Core.PendingIqs.Add(new PendingIq(id, purpose, nick, Now + _options.ReplyTimeout)) };
    }

    private long NextNumber()
    {
        Core = Core with { LastNumber = Core.LastNumber + 1 };
        return Core.LastNumber;
    }

    private void Count(ConferenceEvent what, int count = 1) => _outputs.Add(new Counted(what, count));

    private void Put(Participant participant) => _document.Put(participant);

    private void PublishStatus() => Send(_stanzas.Status(Core));

    private void End(ConferenceEndReason reason)
    {
        foreach (var session in Core.BridgeSessions) ExpireOnBridge(session);
        AnswerWaiting(ready: false);
        if (reason != ConferenceEndReason.RoomDestroyed) Send(_stanzas.Leave(Room));
        Core = Core with { Phase = ConferencePhase.Ended, EndReason = reason };
        _outputs.Add(new ConferenceEnded(Core.MeetingId, reason));
    }
}

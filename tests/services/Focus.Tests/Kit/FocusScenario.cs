using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Kit;

/// <summary>When the node that owns the conference dies.</summary>
internal enum Crash
{
    None,

    /// <summary>An input is taken in, nothing is written.</summary>
    BeforeWrite,

    /// <summary>The state is written, nothing is carried out.</summary>
    AfterWrite,

    /// <summary>Everything is carried out; what bridges answer is not heard.</summary>
    AfterOutputs,
}

/// <summary>
/// One conference with a room, its occupants and bridges around it, in virtual time. Everything between them is a queue, so that a run
/// is one sequence of inputs; the conference may die at any of them and go on from what was written.
/// </summary>
internal sealed class FocusScenario
{
    public const string Room = "standup@conference.meet.example";

    private readonly Queue<Action> _pending = new();
    private readonly Dictionary<string, byte[]> _store = [];
    private readonly SeededRandomSource _random = new(7);
    private readonly List<(XmppElement Stanza, string To)> _sent = [];
    private readonly List<(CallBridge Call, long Epoch)> _held = [];
    private Conference? _conference;
    private long _sequence;
    private long _epoch;
    private int _ids;
    private bool _focusInRoom;

    public FocusScenario(params string[] bridges)
        : this(Room, [.. (bridges.Length == 0 ? ["jvb-1"] : bridges).Select(id => new FakeBridge(id))])
    {
    }

    /// <summary>A conference that shares its bridges with others.</summary>
    public FocusScenario(string room, IReadOnlyList<FakeBridge> bridges)
    {
        RoomJid = room;
        Bridges.AddRange(bridges);
    }

    public string RoomJid { get; }

    public string MeetingId => RoomJid == Room ? "5f2d" : "meeting of " + RoomJid;

    public FocusOptions Options { get; } = new() { XmppDomain = "meet.example", AuthDomain = "auth.meet.example", MucDomain = "conference.meet.example", GuestDomain = "guest.meet.example" };

    public List<FakeBridge> Bridges { get; } = [];

    public FakeBridge Bridge => Bridges[0];

    public Dictionary<string, FakeClient> Clients { get; } = [];

    public Dictionary<string, ParticipantFeatures> Caps { get; } = [];

    public MonotonicTime Now { get; private set; } = MonotonicTime.FromSeconds(1000);

    public Conference Conference => _conference!;

    public bool IsOver => _conference is null;

    public ConferenceEndReason? Ended { get; private set; }

    /// <summary>The focus's last presence in the room.</summary>
    public XmppElement? FocusPresence { get; private set; }

    public bool FocusLeft { get; private set; }

    /// <summary>How often each thing was counted.</summary>
    public Dictionary<ConferenceEvent, int> Counts { get; } = [];

    /// <summary>What was said to the node about bridges, for all conferences to know.</summary>
    public List<ConferenceOutput> SaidOfBridges { get; } = [];

    /// <summary>What is written of the conference.</summary>
    public IReadOnlyDictionary<string, byte[]> Stored => _store;

    /// <summary>Everything that went out, one line each.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Who was invited anew after its media broke, as the log has it.</summary>
    public List<string> Restarted { get; } = [];

    public Crash CrashKind { get; set; }

    /// <summary>The input at which the owner dies, counted from 0; -1 for none.</summary>
    public int CrashAt { get; set; } = -1;

    public int Inputs { get; private set; }

    /// <summary>The machine is made anew from the store after each input, without anything being lost.</summary>
    public bool ReloadAlways { get; set; }

    /// <summary>Calls stay unanswered while set.</summary>
    public bool HoldBridges { get; set; }

    public FakeClient this[string nick] => Clients[nick];

    /// <summary>The logins in the store, by their session ids.</summary>
    public Dictionary<string, SessionTicket> Tickets { get; } = [];

    /// <summary>The domain that requests come from.</summary>
    public string AskersDomain { get; set; } = "meet.example";

    /// <summary>What the logins of those who ask and join say of moderating.</summary>
    public bool? Moderator { get; set; }

    /// <summary>Asks for the conference as a client does, and gives the answer.</summary>
    public XmppElement? Request(string nick, string? identity = null, params (string Name, string Value)[] properties) => RequestWith(nick, identity, null, "m", properties);

    public XmppElement? RequestWith(string nick, string? identity, string? sessionId, string? machine, params (string Name, string Value)[] properties)
    {
        var id = $"req-{++_ids}";
        var conference = new XmppElement("conference", Namespaces.Focus, ("room", RoomJid), ("machine-uid", machine), ("session-id", sessionId));
        foreach (var (name, value) in properties) conference.Add(new XmppElement("property", Namespaces.Focus, ("name", name), ("value", value)));
        var from = $"{nick}@{AskersDomain}/web";
        var iq = Stanzas.Iq("set", id, Options.ServiceAddress, conference, from);
        var origin = new StanzaOrigin { RealJid = from, Session = new SessionContext { Identity = identity, Moderator = identity is null ? null : Moderator } };
        var ticket = sessionId is null ? null : Tickets.GetValueOrDefault(sessionId);
        if (sessionId is null && identity is not null && machine is not null && Options is { AuthenticationRequired: true, ExternalAuthentication: false })
        {
            ticket = SessionTicket.Of($"ticket-{_ids}", identity, machine, Now + Options.LoginLifetime, Moderator);
            Tickets[ticket.Id] = ticket;
        }

        if (_conference is null && ConferenceAdmission.Decide(iq, origin, exists: false, Options, Now, ticket).Refusal is { } refusal) return Stanzas.Error(iq, refusal);
        if (_conference is null)
        {
            _conference = new Conference(RoomJid, Options, _random);
            Ended = null;
            FocusLeft = false;
        }

        Deliver(iq, origin, ticket);
        Run();
        return _sent.LastOrDefault(sent => sent.Stanza["id"] == id).Stanza;
    }

    public FakeClient Join(string nick, string[]? features = null, string? identity = null, Action<FakeClient>? configure = null)
    {
        if (_conference is null) Request(nick, identity);
        var client = Clients[nick] = new FakeClient(nick) { Features = features ?? FakeClient.ModernFeatures };
        configure?.Invoke(client);
        Deliver(client.Presence(RoomJid), Origin(client, identity));
        Run();
        return client;
    }

    public void UpdatePresence(string nick)
    {
        Deliver(Clients[nick].Presence(RoomJid), Origin(Clients[nick]));
        Run();
    }

    public void Leave(string nick, string? status = null)
    {
        var client = Clients[nick];
        Clients.Remove(nick);
        if (status is not null) client.Extras.Add(new XmppElement("status", Namespaces.Client).AddText(status));
        Deliver(client.Presence(RoomJid, "unavailable", "none"), Origin(client));
        Run();
    }

    /// <summary>A request from an occupant to the focus, and its answer.</summary>
    public XmppElement? Ask(string nick, XmppElement payload, string type = "set")
    {
        var id = $"{nick}-{++_ids}";
        SessionTicket? ended = null;
        if (payload.Name == "logout") Tickets.Remove(payload["session-id"] ?? "", out ended);
        Deliver(Stanzas.Iq(type, id, Options.FullAddress, payload, $"{RoomJid}/{nick}"), Origin(Clients[nick]), ended);
        Run();
        return Clients[nick].Answers.GetValueOrDefault(id);
    }

    /// <summary>Any stanza as an occupant's session sends it to the focus, how often it was answered, and how.</summary>
    public (int Answers, XmppElement? Answer) Send(string nick, XmppElement stanza)
    {
        var id = $"{nick}-{++_ids}";
        stanza["id"] = id;
        stanza["from"] = $"{RoomJid}/{nick}";
        stanza["to"] = Options.FullAddress;
        var before = _sent.Count;
        Deliver(stanza, Origin(Clients[nick]));
        Run();
        var answers = _sent.Skip(before).Where(sent => sent.Stanza.Name == "iq" && sent.Stanza["id"] == id && sent.Stanza["type"] is "result" or "error").ToList();
        return (answers.Count, answers.Count > 0 ? answers[0].Stanza : null);
    }

    public XmppElement? Jingle(string nick, JingleMessage message) => Ask(nick, JingleFormat.Format(message));

    /// <summary>A session-terminate from a client: it has no such session from then on.</summary>
    public XmppElement? Terminated(string nick, JingleMessage message)
    {
        Clients[nick].LiveSids.Remove(message.Sid);
        return Jingle(nick, message);
    }

    public void Message(XmppElement message)
    {
        Deliver(message, null);
        Run();
    }

    public void DestroyRoom()
    {
        var presence = Stanzas.Presence("unavailable", Options.FullAddress, $"{RoomJid}/focus");
        presence.Add(new XmppElement("x", Namespaces.MucUser).Add(new XmppElement("item", Namespaces.MucUser, ("affiliation", "none"), ("role", "none")), new XmppElement("destroy", Namespaces.MucUser)));
        Deliver(presence, null);
        Run();
    }

    public void NoticeBridges()
    {
        Input(new BridgesChanged());
        Run();
    }

    /// <summary>Lets time pass, with a tick at each deadline.</summary>
    public void Advance(double seconds)
    {
        var until = Now + TimeSpan.FromSeconds(seconds);
        while (_conference is { } conference && conference.NextDeadline <= until)
        {
            Now = MonotonicTime.Max(Now, conference.NextDeadline);
            Input(new Tick());
            Run();
        }

        Now = until;
    }

    public void Run()
    {
        for (var steps = 0; _pending.TryDequeue(out var action); steps++)
        {
            Assert.True(steps < 20_000, "The conference does not come to rest.");
            action();
        }
    }

    public string Error(XmppElement? answer)
    {
        Assert.NotNull(answer);
        return answer["type"] == "error" ? StanzaError.Read(answer).Condition : "";
    }

    private StanzaOrigin Origin(FakeClient client, string? identity = null) => new() { RealJid = client.RealJid, OccupantJid = $"{RoomJid}/{client.Nick}", Session = new SessionContext { Identity = identity, Moderator = identity is null ? null : Moderator } };

    private void Deliver(XmppElement stanza, StanzaOrigin? origin, SessionTicket? ticket = null)
    {
        var envelope = new StanzaEnvelope { Room = RoomJid, Stanza = stanza.ToString(), Sender = "signalling-1", Sequence = ++_sequence, Origin = origin };
        Input(new StanzaReceived(envelope, XmppParser.Parse(envelope.Stanza)) { Ticket = ticket });
    }

    private void Input(ConferenceInput input) => _pending.Enqueue(() => Step(input));

    private void Step(ConferenceInput input)
    {
        if (_conference is null) return;
        var context = new ConferenceContext(Now, new BridgePoolSnapshot([.. Bridges.Select(bridge => bridge.Snapshot)]), Caps);
        var crash = Inputs++ == CrashAt ? CrashKind : Crash.None;
        var outputs = _conference.Handle(input, context);
        if (crash == Crash.BeforeWrite)
        {
            TakeOver();
            // The link delivers again what was not acknowledged; what a bridge answered is lost with the node.
            if (input is StanzaReceived or BridgesChanged) Step(input);
            return;
        }

        Write(_conference);
        if (crash == Crash.AfterWrite)
        {
            TakeOver();
            return;
        }

        CarryOut(outputs);
        if (crash == Crash.AfterOutputs) TakeOver();
        else if (ReloadAlways && _conference is not null) _conference = Load(out _);
    }

    private void Write(Conference conference)
    {
        var change = conference.TakeChange();
        foreach (var (field, value) in change.Put) _store[field] = value;
        foreach (var field in change.Remove) _store.Remove(field);
    }

    private Conference? Load(out IReadOnlyList<StanzaEnvelope> outbox) =>
        ConferenceDocument.TryLoad(_store, out outbox) is { } document ? new Conference(document, Options, _random) : null;

    private void TakeOver()
    {
        _epoch++;
        _conference = Load(out var outbox);
        if (_conference is null)
        {
            // Nothing was written of it: it never was. The request that began it is delivered again.
            _conference = new Conference(RoomJid, Options, _random);
            return;
        }

        Step(new TakenOver(outbox));
    }

    private void CarryOut(IReadOnlyList<ConferenceOutput> outputs)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case SendStanza send:
                    Log.Add(send.Envelope.Stanza);
                    Route(XmppParser.Parse(send.Envelope.Stanza), send.Envelope.Recipients);
                    break;
                case RestartGranted restart:
                    Restarted.Add(restart.Nick);
                    break;
                case CallBridge call:
                    Log.Add($"call {call.BridgeId} {call.Request}");
                    var epoch = _epoch;
                    _pending.Enqueue(() => Call(call, epoch));
                    break;
                case ConferenceEnded ended:
                    Ended = ended.Reason;
                    _store.Clear();
                    _conference = null;
                    break;
                case Counted counted:
                    Counts[counted.Event] = Counts.GetValueOrDefault(counted.Event) + counted.Count;
                    break;
                case BridgeFailed or BridgeLeaving or AllocationFailed:
                    SaidOfBridges.Add(output);
                    break;
                case CapsLearned learned:
                    Caps[learned.Caps] = learned.Features;
                    break;
            }
        }
    }

    private void Call(CallBridge call, long epoch)
    {
        if (HoldBridges)
        {
            _held.Add((call, epoch));
            return;
        }

        var bridge = Bridges.Single(one => one.Id == call.BridgeId);
        var reply = bridge.Lost ? BridgeReply.Failed(BridgeFailure.Unreachable) : bridge.Handle(call.Request);
        // The answer goes to the node that asked; after its death nobody hears it.
        _pending.Enqueue(() =>
        {
            if (epoch == _epoch) Step(new BridgeReplied(call.Call, reply));
        });
    }

    /// <summary>Makes the calls that were held.</summary>
    public void AnswerHeldCalls()
    {
        HoldBridges = false;
        foreach (var (call, epoch) in _held) Call(call, epoch);
        _held.Clear();
        Run();
    }

    private void Route(XmppElement stanza, IReadOnlyList<string> recipients)
    {
        foreach (var to in recipients.Count > 0 ? recipients : [stanza["to"]!])
        {
            _sent.Add((stanza, to));
            if (stanza.Name == "presence") FocusPresenceSent(stanza);
            else if (to == RoomJid) RoomIq(stanza);
            else if (to.StartsWith(RoomJid + "/", StringComparison.Ordinal)) ClientIq(stanza, to[(RoomJid.Length + 1)..]);
        }
    }

    private void FocusPresenceSent(XmppElement presence)
    {
        if (presence["type"] == "unavailable")
        {
            _focusInRoom = false;
            FocusLeft = true;
            return;
        }

        FocusPresence = presence;
        if (_focusInRoom && presence.Child("x", Namespaces.Muc) is null) return;
        _focusInRoom = true;
        foreach (var client in Clients.Values) Deliver(client.Presence(RoomJid), Origin(client));
        var own = Stanzas.Presence(null, Options.FullAddress, $"{RoomJid}/focus");
        own.Add(new XmppElement("x", Namespaces.MucUser).Add(
            new XmppElement("item", Namespaces.MucUser, ("affiliation", "owner"), ("role", "moderator"), ("jid", Options.FullAddress)),
            new XmppElement("status", Namespaces.MucUser, ("code", "110"))));
        Deliver(own, null);
    }

    private void RoomIq(XmppElement iq)
    {
        if (iq.Child("query", Namespaces.MucOwner) is not null)
        {
            XmppElement? form = null;
            if (iq["type"] == "get")
            {
                form = new XmppElement("query", Namespaces.MucOwner).Add(new XmppElement("x", Namespaces.DataForm, ("type", "form")).Add(
                    new XmppElement("field", Namespaces.DataForm, ("var", "muc#roominfo_meetingId")).Add(new XmppElement("value", Namespaces.DataForm).AddText(MeetingId))));
            }

            Deliver(Stanzas.Iq("result", iq["id"]!, Options.FullAddress, form, RoomJid), null);
            return;
        }

        var item = iq.Child("query", Namespaces.MucAdmin)!.Child("item")!;
        Deliver(Stanzas.Iq("result", iq["id"]!, Options.FullAddress, null, RoomJid), null);
        var client = Clients.Values.FirstOrDefault(one => one.RealJid.StartsWith(item["jid"] + "/", StringComparison.Ordinal));
        if (client is null) return;
        client.Affiliation = item["affiliation"]!;
        Deliver(client.Presence(RoomJid), Origin(client));
    }

    private void ClientIq(XmppElement iq, string nick)
    {
        if (!Clients.TryGetValue(nick, out var client)) return;
        if (iq["type"] is "result" or "error")
        {
            client.Answers[iq["id"]!] = iq;
            return;
        }

        if (iq.Child("query", Namespaces.DiscoInfo) is { } query)
        {
            if (!client.AnswersDisco) return;
            var info = client.DiscoAnswer ?? client.DiscoInfo();
            info["node"] = query["node"];
            Deliver(Stanzas.Iq("result", iq["id"]!, Options.FullAddress, info, $"{RoomJid}/{nick}"), Origin(client));
            return;
        }

        client.Received.Add(iq);
        if (iq.Child("jingle") is not { } jingle) return;
        var sid = jingle["sid"]!;
        var known = client.LiveSids.Contains(sid);
        if (client.RefusesOffers && jingle["action"] == "session-initiate")
        {
            Deliver(Stanzas.Error(Addressed(iq, nick), StanzaError.FeatureNotImplemented), Origin(client));
            return;
        }

        if (jingle["action"] == "session-initiate" == known)
        {
            Deliver(Stanzas.Error(Addressed(iq, nick), known ? StanzaError.ServiceUnavailable : StanzaError.ItemNotFound), Origin(client));
            return;
        }

        Deliver(Stanzas.Result(Addressed(iq, nick)), Origin(client));
        switch (jingle["action"])
        {
            case "session-initiate":
                client.LiveSids.Add(sid);
                if (client.AutoAccept) Deliver(Stanzas.Iq("set", $"{nick}-accept-{++_ids}", Options.FullAddress, client.Accept(sid), $"{RoomJid}/{nick}"), Origin(client));
                break;
            case "session-terminate":
                client.LiveSids.Remove(sid);
                break;
        }
    }

    private XmppElement Addressed(XmppElement iq, string nick)
    {
        var copy = iq.ShallowClone();
        copy["to"] = $"{RoomJid}/{nick}";
        copy["from"] = Options.FullAddress;
        return copy;
    }
}

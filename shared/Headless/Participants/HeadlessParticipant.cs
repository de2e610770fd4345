using System.Globalization;
using JitsiMesh.Headless.Streams;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Headless.Participants;

/// <summary>
/// A participant without a browser: logs in, requests the conference, joins the room, accepts the offer, follows sources, leaves. No I/O and no clock: frames and time go in,
/// frames and <see cref="ParticipantEvent"/>s come out. Its owner creates a <see cref="Media.HeadlessEndpoint"/> for media.
/// </summary>
public sealed partial class HeadlessParticipant
{
    /// <summary>The focus's nick in every room.</summary>
    private const string FocusNick = "focus";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private readonly ClientStream _stream;
    private readonly IRandomSource _random;
    private readonly DiscoInfo _features;
    private readonly Dictionary<string, Occupant> _occupants = [];
    private readonly Dictionary<string, (string What, Action<XmppElement>? Answered)> _pending = [];
    private readonly Queue<ParticipantEvent> _events = new();
    private TimeSpan _retry = FirstRetry;
    private int _lastId;
    private bool _wanted;

    public HeadlessParticipant(ParticipantOptions options, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        _random = random;
        _stream = new ClientStream(options.Domain, options.Login);
        _features = ClientFeatures.For(options);
        Presence = new LocalPresence(options, _features);
    }

    public ParticipantOptions Options { get; }

    public ClientStream Stream => _stream;

    /// <summary>The nick in the room, which is the endpoint id on the bridge. Null before login.</summary>
    public string? Nick { get; private set; }

    public bool IsJoined { get; private set; }

    public string Role { get; private set; } = "none";

    /// <summary>The focus's bare JID from the answer to the conference request; null before it.</summary>
    public string? FocusJid { get; private set; }

    /// <summary>The others, without the focus.</summary>
    public IReadOnlyDictionary<string, Occupant> Occupants => _occupants;

    public bool SeesFocus { get; private set; }

    /// <summary>The focus announces that there is no bridge.</summary>
    public bool BridgeNotAvailable { get; private set; }

    /// <summary>The total number of leaves of other occupants.</summary>
    public int LeavesSeen { get; private set; }

    /// <summary>How often the focus left while this participant stayed.</summary>
    public int FocusLeavesSeen { get; private set; }

    public MonotonicTime ConferenceRequestedAt { get; private set; }

    public MonotonicTime JoinedAt { get; private set; }

    public MonotonicTime OfferedAt { get; private set; }

    public MonotonicTime NextTimeout { get; private set; } = MonotonicTime.Never;

    /// <summary>The participant's presence in the room.</summary>
    public LocalPresence Presence { get; }

    public bool TryDequeueFrame(out string frame) => _stream.TryDequeueFrame(out frame);

    public bool TryDequeueEvent(out ParticipantEvent occurrence) => _events.TryDequeue(out occurrence!);

    public void SocketOpened(MonotonicTime now)
    {
        _stream.SocketOpened();
        Pump(now);
    }

    public void SocketClosed() => _stream.SocketClosed();

    public void HandleFrame(string frame, MonotonicTime now)
    {
        _stream.HandleFrame(frame);
        Pump(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (now < NextTimeout) return;
        NextTimeout = MonotonicTime.Never;
        if (_wanted && !IsJoined) RequestConference(now);
    }

    /// <summary>Requests the conference, then joins. Works before and after the login.</summary>
    public void Join(MonotonicTime now)
    {
        _wanted = true;
        RequestConference(now);
    }

    public void Leave()
    {
        _wanted = false;
        NextTimeout = MonotonicTime.Never;
        if (Session is not null) Terminate("success");
        if (Nick is not null) _stream.Send(Stanzas.Presence("unavailable", RoomAddress(Nick)));
    }

    /// <summary>Sends the presence again, with everything in it.</summary>
    public void SendPresence() => _stream.Send(Presence.ToStanza(RoomAddress(Nick!), joining: false));

    public void Kick(string nick, Action<XmppElement>? answered = null) =>
        Admin(new XmppElement("item", Namespaces.MucAdmin, ("nick", nick), ("role", "none")), "kick", answered);

    /// <summary>Makes an occupant a moderator.</summary>
    public void GrantOwner(string nick, Action<XmppElement>? answered = null)
    {
        var jid = _occupants.TryGetValue(nick, out var occupant) && Jid.TryParse(occupant.RealJid, out var real) ? real.Bare.ToString() : null;
        Admin(new XmppElement("item", Namespaces.MucAdmin, ("affiliation", "owner"), ("jid", jid)), "grant", answered);
    }

    /// <summary>Asks the focus to mute an occupant, or to unmute this participant.</summary>
    public void Mute(string nick, MediaKind kind, bool mute, Action<XmppElement>? answered = null)
    {
        var payload = new XmppElement("mute", MuteNamespace(kind), ("jid", RoomAddress(nick))).AddText(mute ? "true" : "false");
        SendIq("set", RoomAddress("focus"), payload, "mute", answered);
    }

    public void SendMessage(string text) => _stream.Send(Stanzas.Message("groupchat", Options.RoomJid).Add(new XmppElement("body", Namespaces.Client).AddText(text)));

    /// <summary>Sends an IQ and passes its answer to the caller; an error without a waiting caller becomes <see cref="ParticipantEvent.Refused"/>.</summary>
    public void SendIq(string type, string to, XmppElement payload, string what, Action<XmppElement>? answered = null)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"h{++_lastId}");
        _pending[id] = (what, answered);
        _stream.Send(Stanzas.Iq(type, id, to, payload));
    }

    public void SendStanza(XmppElement stanza) => _stream.Send(stanza);

    public string RoomAddress(string nick) => $"{Options.RoomJid}/{nick}";

    private void Admin(XmppElement item, string what, Action<XmppElement>? answered) =>
        SendIq("set", Options.RoomJid, new XmppElement("query", Namespaces.MucAdmin).Add(item), what, answered);

    private void RequestConference(MonotonicTime now)
    {
        ConferenceRequestedAt = now;
        var request = new XmppElement("conference", Namespaces.Focus, ("room", Options.RoomJid), ("machine-uid", _random.NextHex(32)));
        SendIq("set", Options.Focus, request, "conference request", answer => OnConferenceAnswer(answer, now));
    }

    private void OnConferenceAnswer(XmppElement answer, MonotonicTime asked)
    {
        var conference = answer.Child("conference", Namespaces.Focus);
        if (answer["type"] != "result" || conference is null)
        {
            _events.Enqueue(new ParticipantEvent.Refused("conference request", StanzaError.Read(answer)));
            return;
        }

        FocusJid = conference["focusjid"];
        if (conference["ready"] != "true")
        {
            NextTimeout = asked + _retry;
            _retry *= 2;
            return;
        }

        _retry = FirstRetry;
        Nick ??= NickOf(_stream.Jid!);
        _stream.Send(Presence.ToStanza(RoomAddress(Nick), joining: true));
    }

    // The first eight characters of the anonymous user name, as clients take it.
    private string NickOf(Jid jid)
    {
        var start = jid.Local is { Length: >= 8 } local ? local[..8] : "";
        return start.Length == 8 && start.All(char.IsAsciiHexDigitLower) ? start : _random.NextHex(8);
    }

    private void Pump(MonotonicTime now)
    {
        while (_stream.TryDequeueStanza(out var stanza))
        {
            switch (stanza.Name)
            {
                case "presence":
                    OnPresence(stanza, now);
                    break;
                case "iq":
                    OnIq(stanza, now);
                    break;
                case "message" when stanza.Child("body", Namespaces.Client)?.Text is { } body:
                    _events.Enqueue(new ParticipantEvent.MessageReceived(Jid.TryParse(stanza["from"], out var from) ? from.Resource : null, body));
                    break;
            }
        }
    }

    private void OnIq(XmppElement iq, MonotonicTime now)
    {
        if (!Stanzas.IsRequest(iq))
        {
            if (iq["id"] is not { } id || !_pending.Remove(id, out var pending)) return;
            if (pending.Answered is not null) pending.Answered(iq);
            else if (iq["type"] == "error") _events.Enqueue(new ParticipantEvent.Refused(pending.What, StanzaError.Read(iq)));
            return;
        }

        var payload = iq.Elements.FirstOrDefault();
        switch (payload?.Namespace)
        {
            case Namespaces.DiscoInfo:
                _stream.Send(Stanzas.Result(iq, _features.ToElement(payload["node"])));
                break;
            case Namespaces.Ping:
                _stream.Send(Stanzas.Result(iq));
                break;
            case JingleNamespaces.Jingle:
                OnJingle(iq, payload, now);
                break;
            case { } ns when payload.Name == "mute" && iq["from"] == RoomAddress("focus"):
                _stream.Send(Stanzas.Result(iq));
                if (payload.Text == "true") _events.Enqueue(new ParticipantEvent.Muted(ns == MuteNamespace(MediaKind.Audio) ? MediaKind.Audio : MediaKind.Video, payload["actor"]));
                break;
            default:
                _stream.Send(Stanzas.Error(iq, StanzaError.ServiceUnavailable));
                break;
        }
    }

    private static string MuteNamespace(MediaKind kind) => kind == MediaKind.Audio ? "http://jitsi.org/jitmeet/audio" : "http://jitsi.org/jitmeet/video";
}

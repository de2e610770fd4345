using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Routing;

/// <summary>
/// Where a stanza of a session goes: by its address, and within a host by the namespace of its payload (RFC 6120 section 10).
/// Keeps nothing between stanzas.
/// </summary>
public sealed class StanzaRouter
{
    private const string LobbyNode = "lobbyrooms";

    private readonly IRandomSource _random;
    private readonly string _nodeTag;
    private readonly Dictionary<string, HostModule> _modules = new(StringComparer.Ordinal);

    public StanzaRouter(SignallingDomains domains, IRandomSource random, string nodeTag, IEnumerable<HostModule> modules)
    {
        Domains = domains;
        _random = random;
        _nodeTag = nodeTag;
        foreach (var module in modules)
        {
            foreach (var ns in module.HandledNamespaces) _modules.Add(ns, module);
        }
    }

    public SignallingDomains Domains { get; }

    public string DefaultHost => Domains.Domain;

    /// <summary>Lower-case UUID: the client makes its nick of the first eight digits.</summary>
    public string NewUsername() => _random.NextUuid();

    public string NewResource() => _random.NextHex(12);

    public string NewStreamId() => _random.NextUuid();

    /// <summary>The node's tag and 128 random bits in hexadecimal: the client replaces it in its URL by a pattern of letters, digits, underscore and dash.</summary>
    public string NewResumeId() => _nodeTag.Length == 0 ? _random.NextHex(32) : NodeTag.Put(_nodeTag, _random.NextHex(32));

    public void Route(XmppSession session, XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        if (stanza.Name == "iq" && (stanza["type"] is not ("get" or "set" or "result" or "error") || (Stanzas.IsRequest(stanza) && stanza.Elements.Take(2).Count() != 1)))
        {
            // RFC 6120 sections 8.2.3 and 8.3: the sender waits for an answer. A request has one payload: of two, this and the next reader might each look at another.
            session.Refuse(stanza, StanzaError.BadRequest, now, outputs);
            return;
        }

        var text = stanza["to"];
        if (text is null)
        {
            RouteToServer(session, stanza, now, outputs);
            return;
        }

        if (!Jid.TryParse(text, out var to))
        {
            session.Refuse(stanza, StanzaError.JidMalformed, now, outputs);
            return;
        }

        switch (Domains.KindOf(to))
        {
            case DomainKind.Muc or DomainKind.InternalMuc or DomainKind.Lobby or DomainKind.BreakoutMuc when to.Local is not null:
                RouteToRoom(session, stanza, to, now, outputs);
                break;
            case DomainKind.Lobby when AsksAboutLobby(stanza) && Domains.RoomOf(session.Info.Context.Room, session.Info.Context.Tenant) is { } about:
                outputs.Do(new ToRoom(new RoomInput(about.ToString(), stanza, session.Info)));
                break;
            case DomainKind.Focus:
                RouteToFocus(session, stanza, now, outputs);
                break;
            case DomainKind.Component or DomainKind.BreakoutMuc when stanza.Name == "message":
                RouteToComponent(session, stanza, now, outputs);
                break;
            case DomainKind.Host when to.Local is not null && to.Bare != session.Info.Jid.Bare:
                RouteDirect(session, stanza, to, now, outputs);
                break;
            case DomainKind.Foreign:
                session.Refuse(stanza, new StanzaError(StanzaErrorType.Cancel, "remote-server-not-found"), now, outputs);
                break;
            default:
                RouteToServer(session, stanza, now, outputs);
                break;
        }
    }

    /// <summary>Sends back a request that nobody will answer: the asker's address is in a room or is a session.</summary>
    public void Bounce(XmppSession session, XmppElement error, SessionOutputs outputs)
    {
        if (!Jid.TryParse(error["to"], out var to) || to.Local is null || to.Resource is null) return;
        switch (Domains.KindOf(to.Domain))
        {
            case DomainKind.Muc or DomainKind.InternalMuc or DomainKind.Lobby or DomainKind.BreakoutMuc:
                outputs.Do(new ToRoom(new RoomInput(Domains.ToStored(to).Bare.ToString(), error, session.Info)));
                break;
            case DomainKind.Host when SharedRoom(session) is { } shared:
                outputs.Do(new ToRoom(new RoomInput(shared, error, session.Info)));
                break;
        }
    }

    /// <summary>
    /// A stanza for the real address of another session. It goes through the owner of a room that both are in, which knows on which node each is: clients need no other way, and a
    /// stranger gets and learns nothing. Results and errors go the same way back.
    /// </summary>
    private void RouteDirect(XmppSession session, XmppElement stanza, Jid to, MeshInstant now, SessionOutputs outputs)
    {
        if (to.Resource is null || stanza.Name == "presence" || SharedRoom(session) is not { } room) Unroutable(session, stanza, now, outputs);
        else outputs.Do(new ToRoom(new RoomInput(room, stanza, session.Info)));
    }

    /// <summary>Of several rooms that the session is in: the one of its URL, else the first conference.</summary>
    private string? SharedRoom(XmppSession session) => RoomOf(session, null) ?? session.Rooms.Keys.FirstOrDefault();

    /// <summary>Before it joins a client asks what the lobby of its session's room wants; the room's owner alone knows.</summary>
    public static bool AsksAboutLobby(XmppElement stanza) =>
        stanza.Name == "iq" && stanza["type"] == "get" && stanza.Child("query", Namespaces.DiscoInfo)?["node"] == LobbyNode;

    private void RouteToServer(XmppSession session, XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        if (stanza.Name == "presence")
        {
            // No roster, so presence to nobody interests nobody; unavailable leaves the rooms (RFC 6121 section 4.6.3).
            if (stanza["type"] == "unavailable" && stanza["to"] is null) session.LeaveAll(stanza, outputs);
            return;
        }

        if (!Stanzas.IsRequest(stanza))
        {
            if (stanza.Name == "message") Unroutable(session, stanza, now, outputs);
            return;
        }

        var payload = stanza.Child(null)!;
        if (!_modules.TryGetValue(payload.Namespace, out var module))
        {
            session.Refuse(stanza, StanzaError.ServiceUnavailable, now, outputs);
            return;
        }

        if (module.GivesCredentials && !session.TryAskCredentials(now))
        {
            session.Refuse(stanza, StanzaError.ResourceConstraint.WithText("Too many requests"), now, outputs);
            return;
        }

        var answer = module.Handle(session.Info, stanza, payload, now);
        if (answer.Error is { } error) session.Refuse(stanza, error, now, outputs);
        else session.Reply(stanza, answer.Result, now, outputs);
    }

    private void RouteToRoom(XmppSession session, XmppElement stanza, Jid to, MeshInstant now, SessionOutputs outputs)
    {
        var room = Domains.ToStored(to).Bare.ToString();
        if (stanza.Name == "presence" && to.Resource is not null)
        {
            if (stanza["type"] is null && stanza.Child("x", Namespaces.Muc) is not null)
            {
                if (!session.TryEnter(room, stanza["to"]!))
                {
                    session.Refuse(stanza, StanzaError.ResourceConstraint.WithText("Too many rooms"), now, outputs);
                    return;
                }
            }
            else if (stanza["type"] == "unavailable")
            {
                session.Leave(room);
            }
        }

        outputs.Do(new ToRoom(new RoomInput(room, stanza, session.Info)));
    }

    private void RouteToFocus(XmppSession session, XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        if (!Stanzas.IsRequest(stanza))
        {
            if (stanza.Name == "message") Unroutable(session, stanza, now, outputs);
            return;
        }

        // All else that is asked of focus' addresses is asked of any host: ping, disco.
        if (stanza.Child(null) is not { Namespace: Namespaces.Focus } request)
        {
            RouteToServer(session, stanza, now, outputs);
            return;
        }

        // A logout names no room; the others do.
        var named = request["room"];
        var namesRoom = request.Name is "conference" or "login-url";
        var room = named is not null ? ConferenceNamed(named)?.ToString() : namesRoom ? null : RoomOf(session, null) ?? Domains.RoomOf(session.Info.Context.Room, session.Info.Context.Tenant)?.ToString();
        if (room is null) session.Refuse(stanza, named is null && request.Name == "login-url" ? StanzaError.NotAcceptable : StanzaError.BadRequest, now, outputs);
        else if (session.TryAskFocus(now)) outputs.Do(new ToRoom(new RoomInput(room, stanza, session.Info)));
        else if (request.Name == "conference") session.Reply(stanza, ConferenceAnswers.NotReady(named!), now, outputs);
        else session.Refuse(stanza, StanzaError.ResourceConstraint.WithText("Too many requests"), now, outputs);
    }

    private void RouteToComponent(XmppSession session, XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        if (stanza["type"] == "error") return;
        // Some commands name their room, the others mean that of the session. Which rooms there are besides is nobody's to learn here.
        string? named = null;
        foreach (var child in stanza.Elements) named ??= child["room"];
        if (RoomOf(session, named) is { } room) outputs.Do(new ToRoom(new RoomInput(room, stanza, session.Info)));
        else session.Refuse(stanza, named is null ? StanzaError.ItemNotFound : StanzaError.NotAllowed, now, outputs);
    }

    /// <summary>
    /// The stored address of the conference that a session is in and speaks of. What it names, or else its URL, chooses among several and may be written in any encoding; only a name of
    /// another room says that it speaks of none of its own.
    /// </summary>
    private string? RoomOf(XmppSession session, string? named)
    {
        string? first = null, hinted = null;
        var wanted = named is null ? Domains.RoomOf(session.Info.Context.Room, session.Info.Context.Tenant) : ConferenceNamed(named);
        foreach (var room in session.Rooms.Keys)
        {
            if (!Jid.TryParse(room, out var jid) || !Domains.IsConference(jid.Domain)) continue;
            if (wanted is not null && jid == wanted) return room;
            if (wanted is not null && SignallingDomains.IsSameRoom(jid, wanted)) hinted ??= room;
            first ??= room;
        }

        return hinted ?? (named is null ? first : null);
    }

    /// <summary>The stored address of a conference; breweries and lobbies are none.</summary>
    private Jid? ConferenceNamed(string text)
    {
        if (!Jid.TryParse(text, out var jid) || jid.Local is null) return null;
        var stored = Domains.ToStored(jid).Bare;
        return Domains.IsConference(stored.Domain) ? stored : null;
    }

    private static void Unroutable(XmppSession session, XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        if (stanza.Name != "presence") session.Refuse(stanza, StanzaError.ServiceUnavailable, now, outputs);
    }
}

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

        switch (Domains.KindOf(to.Domain))
        {
            case DomainKind.Muc or DomainKind.InternalMuc or DomainKind.Lobby when to.Local is not null:
                RouteToRoom(session, stanza, to, now, outputs);
                break;
            case DomainKind.Lobby when AsksAboutLobby(stanza) && Domains.RoomOf(session.Info.Room, session.Info.Tenant) is { } about:
                outputs.Do(new ToRoom(new RoomInput(about.ToString(), stanza, session.Info)));
                break;
            case DomainKind.Focus:
                RouteToFocus(session, stanza, now, outputs);
                break;
            case DomainKind.Component when stanza.Name == "message":
                RouteToComponent(session, stanza, now, outputs);
                break;
            case DomainKind.Host when to.Local is not null && to.Bare != session.Info.Jid.Bare:
                if (to.Resource is null || stanza.Name == "presence") Unroutable(session, stanza, now, outputs);
                else outputs.Do(new ToSession(to.ToString(), stanza, session.Info));
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
            case DomainKind.Muc or DomainKind.InternalMuc or DomainKind.Lobby:
                outputs.Do(new ToRoom(new RoomInput(Domains.ToStored(to).Bare.ToString(), error, session.Info)));
                break;
            case DomainKind.Host:
                outputs.Do(new ToSession(to.ToString(), error, session.Info));
                break;
        }
    }

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

        if (stanza.Child(null) is not { } payload)
        {
            session.Refuse(stanza, StanzaError.BadRequest, now, outputs);
            return;
        }

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

        var conference = stanza.Child("conference", Namespaces.Focus);
        var loginUrl = stanza.Child("login-url", Namespaces.Focus);
        var named = conference?["room"] ?? loginUrl?["room"];
        // A logout names no room; the others do.
        var room = named is not null ? RoomNamed(named) : conference is null && loginUrl is null ? Domains.RoomOf(session.Info.Room, session.Info.Tenant) : null;
        if (room is null) session.Refuse(stanza, named is null && loginUrl is not null ? StanzaError.NotAcceptable : StanzaError.BadRequest, now, outputs);
        else if (session.TryAskFocus(now)) outputs.Do(new ToRoom(new RoomInput(room.ToString(), stanza, session.Info)));
        else if (conference is not null) session.Reply(stanza, ConferenceAnswers.NotReady(named!), now, outputs);
        else session.Refuse(stanza, StanzaError.ResourceConstraint.WithText("Too many requests"), now, outputs);
    }

    private void RouteToComponent(XmppSession session, XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        if (stanza["type"] == "error") return;
        // Some commands name their room, the others mean that of the session's URL.
        Jid? room = null;
        foreach (var child in stanza.Elements) room ??= child["room"] is { } named ? RoomNamed(named) : null;
        room ??= Domains.RoomOf(session.Info.Room, session.Info.Tenant);
        if (room is null) session.Refuse(stanza, StanzaError.ItemNotFound, now, outputs);
        else outputs.Do(new ToRoom(new RoomInput(room.ToString(), stanza, session.Info)));
    }

    private Jid? RoomNamed(string text)
    {
        if (!Jid.TryParse(text, out var jid) || jid.Local is null) return null;
        var stored = Domains.ToStored(jid).Bare;
        return Domains.KindOf(stored.Domain) is DomainKind.Muc or DomainKind.InternalMuc ? stored : null;
    }

    private static void Unroutable(XmppSession session, XmppElement stanza, MeshInstant now, SessionOutputs outputs)
    {
        if (stanza.Name != "presence") session.Refuse(stanza, StanzaError.ServiceUnavailable, now, outputs);
    }
}

using JitsiMesh.Contracts.Links;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>
/// Focus as a script plays it: answers conference requests by joining the room and saying ready, and records everything else. It speaks
/// only over the link.
/// </summary>
public sealed class ScriptedFocus(World world)
{
    private readonly Queue<(XmppElement Stanza, StanzaEnvelope Envelope)> _inbox = new();
    private readonly HashSet<string> _rooms = new(StringComparer.Ordinal);

    public string FullJid => "focus@auth.meet.jitsi/focus";

    /// <summary>False: requests are only recorded.</summary>
    public bool Answers { get; set; } = true;

    public void Got(StanzaEnvelope envelope)
    {
        var stanza = XmppParser.Parse(envelope.Stanza);
        if (Answers && stanza.Name == "iq" && stanza["type"] == "set" && stanza.Child("conference", Namespaces.Focus) is { } conference)
        {
            Enters(conference["room"]!);
            var answer = new XmppElement("conference", Namespaces.Focus, ("room", conference["room"]), ("focusjid", "focus@auth.meet.jitsi"), ("ready", "true"));
            Sends(conference["room"]!, Stanzas.Result(stanza, answer).ToString());
            return;
        }

        _inbox.Enqueue((stanza, envelope));
    }

    public void Enters(string room)
    {
        if (!_rooms.Add(room)) return;
        Sends(room, $"<presence to='{room}/focus'><x xmlns='http://jabber.org/protocol/muc'/><versions xmlns='http://jitsi.org/jitmeet'/></presence>");
    }

    public void Leaves(string room)
    {
        _rooms.Remove(room);
        Sends(room, $"<presence type='unavailable' to='{room}/focus'/>");
    }

    public void MakesOwner(string room, string bareJid) =>
        Sends(room, $"<iq type='set' id='own' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='owner' jid='{bareJid}'/></query></iq>");

    public void Sends(string room, string xml, params string[] recipients)
    {
        world.FromService(new StanzaEnvelope { Room = room, Stanza = World.WithClientNamespace(xml), Recipients = recipients });
        world.Settle();
    }

    public (XmppElement Stanza, StanzaEnvelope Envelope) Receives(string pattern)
    {
        if (!_inbox.TryDequeue(out var got)) throw new Xunit.Sdk.XunitException($"Focus expected\n  {pattern}\nbut nothing came.");
        if (!Pattern.Matches(XmppParser.Parse(World.WithClientNamespace(pattern)), got.Stanza)) throw new Xunit.Sdk.XunitException($"Focus expected\n  {pattern}\nbut got\n  {got.Stanza}");
        return got;
    }

    public (XmppElement Stanza, StanzaEnvelope Envelope) Eventually(string pattern)
    {
        var expected = XmppParser.Parse(World.WithClientNamespace(pattern));
        while (_inbox.TryDequeue(out var got))
        {
            if (Pattern.Matches(expected, got.Stanza)) return got;
        }

        throw new Xunit.Sdk.XunitException($"Focus expected\n  {pattern}\nand did not get it.");
    }

    /// <summary>All that came and was not looked at.</summary>
    public IReadOnlyList<XmppElement> Takes()
    {
        XmppElement[] all = [.. _inbox.Select(got => got.Stanza)];
        _inbox.Clear();
        return all;
    }

    public void Forgets() => _inbox.Clear();
}

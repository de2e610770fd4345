using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>A request has one payload (RFC 6120 section 8.2.3). With two it is refused whole: nobody decides by the one and acts on the other.</summary>
public sealed class SinglePayloadTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Other = "other@muc.meet.jitsi";
    private const string Conference = $"<conference xmlns='http://jitsi.org/protocol/focus' room='{Call}'/>";
    private const string OtherConference = $"<conference xmlns='http://jitsi.org/protocol/focus' room='{Other}'/>";
    private const string Url = $"<login-url xmlns='http://jitsi.org/protocol/focus' room='{Call}'/>";
    private const string Logout = "<logout xmlns='http://jitsi.org/protocol/focus' session-id='s'/>";
    private const string Ping = "<ping xmlns='urn:xmpp:ping'/>";
    private const string Mute = "<mute xmlns='http://jitsi.org/jitmeet/audio' jid='call@muc.meet.jitsi/BOB'>true</mute>";
    private const string Jingle = "<jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'/>";
    private const string Info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    private const string Kick = "<query xmlns='http://jabber.org/protocol/muc#admin'><item nick='BOB' role='none'/></query>";
    private const string Destroy = "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query>";
    private const string Services = "<services xmlns='urn:xmpp:extdisco:2'/>";

    public static TheoryData<string, string, string> Pairs()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var (to, payloads) in ((string, string[])[])
        [
            ("focus.meet.jitsi", [Conference, OtherConference, Url, Logout, Ping]),
            ("focus@auth.meet.jitsi/focus", [Conference, OtherConference]),
            ($"{Call}/focus", [Mute, Jingle, Info]),
            ($"{Call}/BOB", [Jingle, Info, Mute]),
            (Call, [Info, Kick, Destroy]),
            ("REAL", [Info, Jingle]),
            ("meet.jitsi", [Ping, Services, Info]),
            ("", [Ping, Conference]),
            ("lobby.meet.jitsi", ["<query xmlns='http://jabber.org/protocol/disco#info' node='lobbyrooms'/>", Info]),
            ("elsewhere.org", [Ping, Info]),
        ])
        {
            foreach (var first in payloads)
            {
                foreach (var second in payloads) data.Add(to, first, second);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Two_payloads_in_one_request_get_one_error_and_come_to_nobody(string to, string first, string second)
    {
        foreach (var type in (string[])["get", "set"])
        {
            var (world, ann, bob) = Meeting();
            var address = to.Length == 0 ? "" : $" to='{to}'";
            ann.Sends($"<iq type='{type}' id='two'{address}>{first}{second}</iq>".Replace("BOB", bob.Nick, StringComparison.Ordinal).Replace("REAL", bob.FullJid, StringComparison.Ordinal));
            world.Passes(TimeSpan.FromMinutes(1));
            Assert.Equal("bad-request", StanzaError.Read(Assert.Single(ann.Inbox)).Condition);
            ann.Receives("<iq type='error' id='two'/>");
            bob.ReceivesNothing();
            Assert.Throws<Xunit.Sdk.XunitException>(() => world.Focus.Receives("<iq/>"));
            Assert.True(world.HasRoom(Call) && !world.HasRoom(Other));
        }
    }

    [Theory]
    [InlineData(Conference, OtherConference)]
    [InlineData(OtherConference, Conference)]
    [InlineData(Url, OtherConference)]
    [InlineData(Ping, OtherConference)]
    public void Of_two_payloads_from_an_older_node_focus_gets_the_one_that_the_room_has_looked_at(string first, string second)
    {
        var (world, ann, _) = Meeting();
        world.Focus.Answers = false;
        world.Brings(ann, $"<iq type='set' id='two' to='focus.meet.jitsi'>{first}{second}</iq>");
        var asked = world.Focus.Receives("<iq type='set' id='two'><conference xmlns='http://jitsi.org/protocol/focus'/></iq>");
        Assert.Equal(Call, Assert.Single(asked.Stanza.Elements)["room"]);
        Assert.Equal(Call, asked.Envelope.Room);
        Assert.Throws<Xunit.Sdk.XunitException>(() => world.Focus.Receives("<iq/>"));
        world.FromService(new StanzaEnvelope { Room = Call, Stanza = Stanzas.Result(asked.Stanza, new XmppElement("conference", Namespaces.Focus, ("room", Call), ("ready", "true"))).ToString() });
        world.Settle();
        world.Passes(TimeSpan.FromMinutes(1));
        Assert.Equal("true", Assert.Single(ann.Inbox).Child("conference")!["ready"]);
    }

    private static (World World, Client Ann, Client Bob) Meeting()
    {
        var world = new World();
        var (ann, bob) = (world.Enters(), world.Enters());
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        bob.Forgets();
        world.Focus.Forgets();
        return (world, ann, bob);
    }
}

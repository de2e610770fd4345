using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>The lobby (signalling reference, section 6).</summary>
public sealed class LobbyTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Lobby = "call@lobby.meet.jitsi";
    private const string Nick = "<nick xmlns='http://jabber.org/protocol/nick'>Bob</nick>";

    [Fact]
    public void A_moderator_switches_the_lobby_on_and_everybody_hears_it()
    {
        var world = new World();
        var ann = WithLobby(world);
        ann.Receives("<iq type='result' id='on'/>");
        ann.Receives("<message from='metadata.meet.jitsi'/>");
        var notice = ann.Receives($"<message type='groupchat' from='{Call}/{ann.Nick}'><json-message xmlns='http://jitsi.org/jitmeet'/></message>");
        Assert.Equal("{\"type\":\"lobby-notify\",\"event\":\"LOBBY-ENABLED\",\"value\":true}", notice.Child("json-message")!.Text);
        ann.Receives($"<message from='{Call}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x></message>");
        ann.Sends($"<iq type='get' id='d' to='{Call}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var info = DiscoInfo.Read(ann.Receives("<iq type='result' id='d'/>").Child("query"))!;
        Assert.Contains("muc_membersonly", info.Features);
        Assert.Equal(Lobby, info.Forms[0]["muc#roominfo_lobbyroom"]);
    }

    [Fact]
    public void Who_asks_before_it_joins_learns_whether_a_name_is_needed()
    {
        var world = new World();
        var bob = world.Connects();
        const string Question = "<iq type='get' id='q' to='lobby.meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info' node='lobbyrooms'/></iq>";
        bool Needed()
        {
            bob.Sends(Question);
            var answer = bob.Receives("<iq type='result' id='q' from='lobby.meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info' node='lobbyrooms'/></iq>");
            return DiscoInfo.Read(answer.Child("query"))!.Features.Any(feature => feature.EndsWith("#displayname_required", StringComparison.Ordinal));
        }

        Assert.False(Needed());
        WithLobby(world);
        Assert.True(Needed());
    }

    [Fact]
    public void Who_knocks_gives_a_name_waits_and_is_let_in()
    {
        var world = new World();
        var ann = WithLobby(world);
        ann.Joins(Lobby);
        ann.Forgets();
        var bob = world.Connects();
        bob.Joins(Call);
        bob.Receives("<presence type='error'><error type='modify' code='406'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><displayname-required xmlns='http://jitsi.org/jitmeet' lobby='true'/></error></presence>");
        bob.Joins(Call, extra: Nick);
        bob.Receives($"<presence type='error'><error type='auth' code='407'><registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><lobbyroom xmlns='http://jitsi.org/jitmeet'>{Lobby}</lobbyroom></error><lobbyroom>{Lobby}</lobbyroom></presence>");
        bob.Joins(Lobby, extra: Nick);
        // Who waits sees itself alone; the moderator sees who waits.
        bob.Receives($"<presence from='{Lobby}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item role='participant'/><status code='110'/></x></presence>");
        bob.Receives("<message><subject/></message>");
        bob.ReceivesNothing();
        ann.Receives($"<presence from='{Lobby}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item jid='{bob.FullJid}'/></x>{Nick}</presence>");

        ann.Sends($"<message to='{Call}' id='i'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='{bob.FullJid}'/></x></message>");
        bob.Receives($"<message from='{Call}' to='{bob.FullJid}'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='{Call}/{ann.Nick}'/></x></message>");
        var notice = ann.Receives($"<message type='groupchat' from='{Call}/{ann.Nick}'/>").Child("json-message")!.Text;
        Assert.Equal($"{{\"type\":\"lobby-notify\",\"event\":\"LOBBY-ACCESS-GRANTED\",\"value\":\"{Lobby}/{bob.Nick}\",\"name\":\"Bob\"}}", notice);
        bob.Joins(Call, extra: Nick);
        bob.Eventually($"<presence from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member'/><status code='110'/></x></presence>");
    }

    [Fact]
    public void Those_who_wait_do_not_see_or_hear_each_other_and_talk_to_moderators_only()
    {
        var world = new World();
        var ann = WithLobby(world);
        ann.Joins(Lobby);
        var bob = Knocks(world);
        var cid = Knocks(world);
        Assert.DoesNotContain(bob.Inbox, stanza => stanza["from"] == $"{Lobby}/{cid.Nick}");
        Assert.DoesNotContain(cid.Inbox, stanza => stanza["from"] is { } from && (from.EndsWith(bob.Nick, StringComparison.Ordinal) || from.EndsWith(ann.Nick, StringComparison.Ordinal)));
        foreach (var client in (Client[])[ann, bob, cid]) client.Forgets();
        bob.Sends($"<message type='chat' to='{Lobby}/{cid.Nick}' id='x'><body>psst</body></message>");
        bob.Receives("<message type='error' id='x'/>");
        bob.Sends($"<message type='groupchat' to='{Lobby}'><body>hello</body></message>");
        ann.Receives($"<message from='{Lobby}/{bob.Nick}'><body>hello</body></message>");
        cid.ReceivesNothing();
    }

    [Fact]
    public void A_refusal_is_a_kick_that_the_main_room_hears_of()
    {
        var world = new World();
        var ann = WithLobby(world);
        ann.Joins(Lobby);
        var bob = Knocks(world);
        ann.Forgets();
        bob.Forgets();
        ann.Sends($"<iq type='set' id='k' to='{Lobby}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{bob.Nick}' role='none'/></query></iq>");
        bob.Receives($"<presence type='unavailable' from='{Lobby}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/><status code='110'/></x></presence>");
        Assert.Contains("LOBBY-ACCESS-DENIED", ann.Eventually($"<message type='groupchat' from='{Call}/{ann.Nick}'/>").Child("json-message")!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Switching_off_sends_those_who_wait_into_the_main_room_and_the_end_of_it_ends_the_lobby()
    {
        var world = new World();
        var ann = WithLobby(world);
        var bob = Knocks(world);
        bob.Forgets();
        ann.Sends($"<iq type='set' id='off' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>false</value></field></x></query></iq>");
        bob.Receives($"<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy jid='{Call}'><reason>Lobby room closed.</reason></destroy></x></presence>");
        Assert.False(world.HasRoom(Lobby));
        bob.Joins(Call);
        bob.Eventually($"<presence from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");

        TurnOn(ann);
        var cid = Knocks(world);
        cid.Forgets();
        ann.Sends("<message to='endconference.meet.jitsi'><end_conference/></message>");
        cid.Receives("<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy missing='jid'/></x></presence>");
        Assert.Empty(world.StoreKeys);
    }

    [Fact]
    public void The_password_opens_the_door_past_the_lobby_and_the_lobby_survives_a_new_owner()
    {
        var world = new World();
        var ann = WithLobby(world);
        ann.Sends($"<iq type='set' id='pw' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field><field var='muc#roomconfig_roomsecret'><value>pw</value></field></x></query></iq>");
        world.RoomsMove();
        Assert.True(world.HasRoom(Lobby));
        var bob = Knocks(world);
        bob.Joins(Call, password: "pw", extra: Nick);
        bob.Eventually($"<presence from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member'/><status code='110'/></x></presence>");
    }

    [Fact]
    public void Focus_does_not_switch_the_lobby_and_a_lobby_of_nobody_cannot_be_made()
    {
        var world = new World();
        var ann = WithLobby(world);
        world.Focus.Sends(Call, $"<iq type='set' id='w' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_whois'><value>anyone</value></field></x></query></iq>");
        Assert.True(world.HasRoom(Lobby));
        ann.Forgets();
        ann.Joins("other@lobby.meet.jitsi");
        ann.Receives("<presence type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Room creation is restricted</text></error></presence>");
    }

    private static Client WithLobby(World world)
    {
        var ann = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        TurnOn(ann);
        return ann;
    }

    private static void TurnOn(Client moderator) =>
        moderator.Sends($"<iq type='set' id='on' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");

    private static Client Knocks(World world)
    {
        var client = world.Connects();
        client.Joins(Lobby, extra: Nick);
        return client;
    }
}

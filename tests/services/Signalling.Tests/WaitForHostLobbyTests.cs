using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Guests that wait for the host in a lobby, and lobbies that outlive those who opened them (signalling reference, section 6.4).</summary>
public sealed class WaitForHostLobbyTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Lobby = "call@lobby.meet.jitsi";
    private const string Nick = "<nick xmlns='http://jabber.org/protocol/nick'>Bob</nick>";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_comes_before_the_host_waits_in_a_lobby_and_follows_it_in(bool ownerChanges)
    {
        var (world, admission) = Start(waits: true);
        var guest = Guest(world);
        Asks(guest);
        guest.Joins(Call);
        // No name is asked for, since nobody has to recognise who waits.
        var error = guest.Eventually($"<presence type='error'><error type='auth' code='407'><registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><lobbyroom xmlns='http://jitsi.org/jitmeet'>{Lobby}</lobbyroom></error><lobbyroom>{Lobby}</lobbyroom></presence>");
        Assert.NotNull(error.Child("error")!.Child("waiting-for-host", Namespaces.JitMeet));
        guest.Joins(Lobby);
        // Focus gives the conference up that nobody has joined.
        world.Focus.Leaves(Call);
        if (ownerChanges) world.RoomsMove();
        Assert.True(world.HasRoom(Call) && world.HasRoom(Lobby));
        guest.Forgets();

        var host = Host(world, admission);
        Asks(host);
        host.Joins(Call);
        host.Eventually($"<presence from='{Call}/{host.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item role='moderator'/><status code='110'/></x></presence>");
        guest.Receives($"<presence type='unavailable' from='{Lobby}/{guest.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><destroy jid='{Call}'><reason>Host arrived.</reason></destroy></x></presence>");
        Assert.False(world.HasRoom(Lobby));
        guest.Joins(Call);
        guest.Eventually($"<presence from='{Call}/{guest.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item role='participant'/><status code='110'/></x></presence>");

        // The room has had its host: nobody waits any more, though it leaves.
        host.Sends($"<presence type='unavailable' to='{Call}/{host.Nick}'/>");
        if (ownerChanges) world.RoomsMove();
        var late = Guest(world);
        late.Joins(Call);
        late.Eventually($"<presence from='{Call}/{late.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    [Fact]
    public void A_guest_that_logs_in_over_a_second_connection_is_the_host()
    {
        var (world, _) = Start(waits: true);
        var guest = Guest(world);
        Asks(guest);
        guest.Joins(Call);
        guest.Joins(Lobby);
        world.Focus.Answers = false;
        guest.Forgets();
        world.Focus.Forgets();
        guest.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' machine-uid='m' session-id='s'/></iq>");
        var (asked, _) = world.Focus.Receives("<iq type='set' id='c'/>");
        world.Focus.Sends(Call, Stanzas.Result(asked, new XmppElement("conference", Namespaces.Focus, ("room", Call), ("ready", "true"), ("identity", "ann@meet.jitsi"))).ToString());
        guest.Eventually("<iq type='result' id='c'/>");
        world.RoomsMove();
        guest.Joins(Call);
        guest.Eventually($"<presence from='{Call}/{guest.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        Assert.False(world.HasRoom(Lobby));
    }

    [Fact]
    public void Whose_login_is_not_for_the_room_neither_opens_the_lobby_nor_closes_it()
    {
        var (world, admission) = Start(waits: true);
        world.Focus.Enters(Call);
        admission.Next = new SessionContext { Identity = "eve", Claims = new TokenClaims("other", false, "*", null) };
        var eve = world.Connects();
        eve.Joins(Call);
        eve.Receives("<presence type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        Assert.False(world.HasRoom(Lobby));
        var guest = Guest(world);
        guest.Joins(Call);
        Assert.True(world.HasRoom(Lobby));
        eve.Joins(Call);
        Assert.True(world.HasRoom(Lobby));
        // An account of a recorder is no host.
        var recorder = world.Connects(host: "hidden.meet.jitsi");
        recorder.Joins(Call);
        Assert.True(world.HasRoom(Lobby));
    }

    [Fact]
    public void When_the_last_one_who_waits_goes_the_room_ends()
    {
        var (world, _) = Start(waits: true);
        var guest = Guest(world);
        Asks(guest);
        guest.Joins(Call);
        guest.Joins(Lobby);
        world.Focus.Leaves(Call);
        Assert.True(world.HasRoom(Call));
        guest.Sends($"<presence type='unavailable' to='{Lobby}/{guest.Nick}'/>");
        Assert.False(world.HasRoom(Call) || world.HasRoom(Lobby));
        Assert.Empty(world.StoreKeys);
    }

    [Fact]
    public void A_node_that_dies_with_the_last_one_who_waits_ends_the_room_too()
    {
        var (world, _) = Start(waits: true, nodes: 2);
        var guest = Guest(world, node: 1);
        Asks(guest);
        guest.Joins(Call);
        guest.Joins(Lobby);
        world.Focus.Leaves(Call);
        world.RoomsMove();
        world.NodesLive(0);
        world.Passes(TimeSpan.FromSeconds(61));
        Assert.Empty(world.StoreKeys);
        Assert.False(world.HasRoom(Call));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_persistent_lobby_outlives_the_meeting_while_somebody_waits(bool persistent)
    {
        var (world, admission) = Start(waits: false, persistent: persistent);
        var ann = Host(world, admission);
        Asks(ann);
        ann.Joins(Call);
        TurnOn(ann);
        var bob = Guest(world);
        bob.Joins(Lobby, extra: Nick);
        bob.Forgets();
        ann.Sends($"<presence type='unavailable' to='{Call}/{ann.Nick}'/>");
        world.Focus.Leaves(Call);
        if (!persistent)
        {
            bob.Receives("<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy missing='jid'/></x></presence>");
            Assert.Empty(world.StoreKeys);
            return;
        }

        bob.ReceivesNothing();
        world.RoomsMove();
        world.Passes(TimeSpan.FromMinutes(10));
        // Who comes back is let in by its login, whoever else comes knocks.
        var cid = Guest(world);
        cid.Joins(Call, extra: Nick);
        cid.ReceivesNothing();
        Asks(ann);
        cid.Eventually("<presence type='error'><error type='auth' code='407'/></presence>");
        ann.Joins(Call, extra: Nick);
        ann.Eventually($"<presence from='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item role='moderator'/><status code='110'/></x></presence>");
        ann.Joins(Lobby);
        ann.Forgets();
        ann.Sends($"<message to='{Call}' id='i'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='{bob.FullJid}'/></x></message>");
        bob.Eventually($"<message from='{Call}'><x xmlns='http://jabber.org/protocol/muc#user'><invite/></x></message>");
        bob.Joins(Call, extra: Nick);
        bob.Eventually($"<presence from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    [Fact]
    public void Without_lobbies_there_is_none_to_be_switched_on_and_clients_offer_none()
    {
        var world = new World(options => (options.Lobby, options.Moderators) = (false, ModeratorPolicy.Host));
        var ann = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        TurnOn(ann);
        ann.Receives("<iq type='result' id='on'/>");
        Assert.False(world.HasRoom(Lobby));
        Assert.False(world.Room(Call).Configuration.MembersOnly);
        ann.Sends("<iq type='get' id='d' to='meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        Assert.DoesNotContain(DiscoInfo.Read(ann.Eventually("<iq type='result' id='d'/>").Child("query"))!.Identities, identity => identity.Type == "lobbyrooms");
    }

    private static (World World, ContextAdmission Admission) Start(bool waits, bool persistent = true, int nodes = 1)
    {
        var admission = new ContextAdmission();
        return (new World(options => (options.WaitForHostInLobby, options.PersistentLobby, options.Moderators) = (waits, persistent, ModeratorPolicy.Host), nodes) { Admission = admission }, admission);
    }

    private static Client Guest(World world, int node = 0) => world.Connects(host: "guest.meet.jitsi", node: node);

    private static Client Host(World world, ContextAdmission admission)
    {
        admission.Next = new SessionContext { Identity = "ann@meet.jitsi" };
        return world.Connects();
    }

    private static void Asks(Client client)
    {
        client.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' machine-uid='m'/></iq>");
        client.Eventually("<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>");
    }

    private static void TurnOn(Client moderator) =>
        moderator.Sends($"<iq type='set' id='on' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
}

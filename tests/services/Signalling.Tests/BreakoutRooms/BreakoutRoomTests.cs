using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;
using static JitsiMesh.Signalling.Tests.BreakoutRooms.BreakoutWorld;

namespace JitsiMesh.Signalling.Tests.BreakoutRooms;

/// <summary>Breakout rooms (signalling reference, section 7).</summary>
public sealed class BreakoutRoomTests
{
    private const string Refused = "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

    private readonly BreakoutWorld _script = new();

    private World World => _script.World;

    private Client Ann => _script.Ann;

    [Fact]
    public void Clients_find_the_component_and_may_rename()
    {
        Ann.Forgets();
        Ann.Sends("<iq type='get' id='d' to='meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        Assert.Contains(DiscoInfo.Read(Ann.Receives("<iq type='result' id='d'/>").Child("query"))!.Identities, one => one is { Category: "component", Type: "breakout_rooms", Name: Component });
        Ann.Sends($"<iq type='get' id='n' to='{Component}'><query xmlns='http://jabber.org/protocol/disco#info' node='breakout_rooms'/></iq>");
        var answer = Ann.Receives($"<iq type='result' id='n' from='{Component}'><query xmlns='http://jabber.org/protocol/disco#info' node='breakout_rooms'/></iq>");
        Assert.Contains("http://jitsi.org/protocol/breakout_rooms#rename", DiscoInfo.Read(answer.Child("query"))!.Features);
    }

    [Fact]
    public void Where_they_are_off_there_is_no_component_and_no_room()
    {
        var script = new BreakoutWorld(options => options.BreakoutRooms = false);
        script.Ann.Forgets();
        script.Ann.Sends("<iq type='get' id='d' to='meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        Assert.DoesNotContain(DiscoInfo.Read(script.Ann.Receives("<iq type='result' id='d'/>").Child("query"))!.Identities, one => one.Type == "breakout_rooms");
        Commands(script.Ann, "add", "subject='One'");
        script.Ann.Receives("<message type='error' id='c'/>");
    }

    [Fact]
    public void A_moderator_makes_rooms_and_everybody_is_told()
    {
        var bob = _script.Enters("Bob");
        World.Focus.Forgets();
        var one = _script.Adds("Room 1");
        var two = _script.Adds("Room 2");
        foreach (var client in (Client[])[Ann, bob])
        {
            var update = _script.Told(client);
            Assert.Equal("breakout_rooms", update.String("type"));
            Assert.Equal("2", update["roomCounter"]!.Text);
            Assert.Equal(["call", one[..36], two[..36]], update["rooms"]!.Members.Select(member => member.Key));
            var main = update["rooms"]!["call"]!;
            Assert.Equal(("call", Call, true), (main.String("id"), main.String("jid"), main["isMainRoom"]!.IsTrue));
            Assert.Equal([$"{Call}/{Ann.Nick}", $"{Call}/{bob.Nick}"], People(update, Call));
            var ann = main["participants"]![$"{Call}/{Ann.Nick}"]!;
            Assert.Equal((Ann.FullJid, "moderator", "Ann"), (ann.String("jid"), ann.String("role"), ann.String("displayName")));
            var first = update["rooms"]![one[..36]]!;
            Assert.Equal((one[..36], one, "Room 1"), (first.String("id"), first.String("jid"), first.String("name")));
            Assert.Null(first["isMainRoom"]);
        }

        Assert.DoesNotContain(World.Focus.Takes(), stanza => stanza.ToString().Contains("features/breakout-rooms", StringComparison.Ordinal));
    }

    [Fact]
    public void Who_is_no_moderator_or_not_in_the_room_commands_nothing()
    {
        var bob = _script.Enters("Bob");
        bob.Forgets();
        Commands(bob, "add", "subject='One'");
        bob.Receives("<message type='error' id='c'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        var stranger = World.Connects();
        Commands(stranger, "add", "subject='One'");
        stranger.Receives("<message type='error' id='c'/>");
        World.Passes(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(World.StoreKeys, key => key.EndsWith(Component, StringComparison.Ordinal));
    }

    [Fact]
    public void Somebody_goes_to_a_breakout_room_and_comes_back_and_all_see_where_people_are()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        bob.Forgets();
        _script.Switches(bob, Call, room);
        IsIn(bob, room);
        Assert.Equal("One", bob.Eventually("<message type='groupchat'><subject/></message>").Child("subject")!.Text);
        foreach (var client in (Client[])[Ann, bob])
        {
            var update = _script.Told(client);
            Assert.Equal([$"{Call}/{Ann.Nick}"], People(update, Call));
            Assert.Equal([$"{room}/{bob.Nick}"], People(update, room));
        }

        bob.Sends($"<iq type='get' id='d' to='{room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var form = DiscoInfo.Read(bob.Receives("<iq type='result' id='d'/>").Child("query"))!.Forms[0];
        Assert.Equal(("1", Call), (form["muc#roominfo_isbreakout"], form["muc#roominfo_breakout_main_room"]));

        _script.Switches(bob, room, Call);
        IsIn(bob, Call);
        var last = _script.Told(Ann);
        Assert.Equal([$"{Call}/{Ann.Nick}", $"{Call}/{bob.Nick}"], People(last, Call));
        Assert.Empty(People(last, room));
    }

    [Fact]
    public void Focus_reads_in_the_owner_form_which_main_room_it_belongs_to()
    {
        var room = _script.Adds("One");
        World.Focus.Enters(room);
        World.Focus.Forgets();
        World.Focus.Sends(room, $"<iq type='get' id='f' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
        var form = DataForm.Read(World.Focus.Eventually("<iq type='result' id='f'/>").Stanza.Child("query", Namespaces.MucOwner)!.Child("x", Namespaces.DataForm))!;
        Assert.Equal(("1", Call), (form["muc#roominfo_isbreakout"], form["muc#roominfo_breakout_main_room"]));
        World.Focus.Sends(Call, $"<iq type='get' id='m' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
        Assert.Null(DataForm.Read(World.Focus.Eventually("<iq type='result' id='m'/>").Stanza.Child("query", Namespaces.MucOwner)!.Child("x", Namespaces.DataForm))!["muc#roominfo_isbreakout"]);
    }

    [Fact]
    public void A_moderator_is_one_in_the_breakout_room_too_and_commands_the_group_from_there()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        _script.Switches(Ann, Call, room);
        Ann.Eventually($"<presence from='{room}/{Ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator'/><status code='110'/></x></presence>");
        var other = _script.Adds("Two");
        Assert.Equal(2, _script.Told(bob)["rooms"]!.Members.Count(member => member.Value["isMainRoom"] is null));
        Commands(Ann, "move-to-room", $"participantJid='{bob.FullJid}' roomJid='{other}'");
        Assert.Equal($"{{\"type\":\"breakout_rooms\",\"event\":\"features/breakout-rooms/move-to-room\",\"roomJid\":\"{other}\"}}", bob.Receives($"<message from='{Component}'/>").Child("json-message")!.Text);
        bob.Forgets();
        _script.Switches(bob, Call, other);
        IsIn(bob, other);
        Commands(bob, "add", "subject='Mine'");
        bob.Eventually("<message type='error' id='c'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");

        // From one breakout room to one in another.
        Commands(Ann, "move-to-room", $"participantJid='{bob.FullJid}' roomJid='{Call}'");
        bob.Eventually($"<message from='{Component}'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"breakout_rooms\",\"event\":\"features/breakout-rooms/move-to-room\",\"roomJid\":\"{Call}\"}}</json-message></message>");
    }

    [Fact]
    public void People_outside_of_the_group_are_not_moved_and_nobody_is_moved_out_of_it()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        World.Focus.Enters("other@muc.meet.jitsi");
        var cid = World.Connects("other");
        cid.Joins("other@muc.meet.jitsi");
        foreach (var client in (Client[])[Ann, bob, cid]) client.Forgets();
        foreach (var (who, where) in ((string, string)[])[(cid.FullJid, room), (bob.FullJid, "other@muc.meet.jitsi"), (bob.FullJid, $"{Guid.Empty}@{Component}"), ("focus@auth.meet.jitsi/focus", room)])
        {
            Commands(Ann, "move-to-room", $"participantJid='{who}' roomJid='{where}'");
            Ann.Receives("<message type='error' id='c'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        }

        bob.ReceivesNothing();
        cid.ReceivesNothing();
    }

    [Fact]
    public void A_removed_room_sends_its_people_to_the_main_room()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        _script.Switches(bob, Call, room);
        bob.Forgets();
        Commands(Ann, "remove", $"breakoutRoomJid='{room}'");
        bob.Eventually($"<presence type='unavailable' from='{room}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><destroy jid='{Call}'><reason>Breakout room removed.</reason></destroy></x></presence>");
        Assert.False(World.HasRoom(room));
        Assert.Single(_script.Told(Ann)["rooms"]!.Members);
        bob.Joins(Call);
        IsIn(bob, Call);
        bob.Joins(room);
        bob.Eventually($"<presence type='error' from='{room}/{bob.Nick}'/>");
        Commands(Ann, "remove", $"breakoutRoomJid='{room}'");
        Ann.Eventually("<message type='error' id='c'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Fact]
    public void A_renamed_room_has_its_name_as_its_subject()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        _script.Switches(bob, Call, room);
        bob.Forgets();
        Commands(Ann, "rename", $"breakoutRoomJid='{room}' subject='Uno'");
        bob.Eventually($"<message type='groupchat' from='{room}'><subject>Uno</subject></message>");
        Assert.Equal("Uno", _script.Told(Ann)["rooms"]![room[..36]]!.String("name"));
    }

    [Fact]
    public void A_stranger_that_knows_a_rooms_address_does_not_come_in()
    {
        var room = _script.Adds("One");
        var eve = World.Connects("elsewhere");
        eve.Sends($"<iq type='set' id='conf' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}'/></iq>");
        eve.Forgets();
        eve.Joins(room);
        eve.Receives($"<presence type='error' from='{room}/{eve.Nick}'>{Refused}</presence>");
        eve.Sends($"<iq type='get' id='d' to='{room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        eve.Receives("<iq type='error' id='d'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        World.Passes(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(World.Room(room).Occupants, occupant => occupant.Session.FullJid == eve.FullJid);
    }

    [Fact]
    public void A_room_that_nobody_made_is_opened_by_nobody_and_focus_is_not_asked()
    {
        var room = $"{Guid.Empty}@{Component}";
        World.Focus.Forgets();
        World.Focus.Answers = false;
        Ann.Forgets();
        Ann.Sends($"<iq type='set' id='conf' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}'/></iq>");
        Ann.Receives("<iq type='result' id='conf'/>");
        Assert.Empty(World.Focus.Takes());
        Ann.Joins(room);
        Ann.Receives($"<presence type='error' from='{room}/{Ann.Nick}'>{Refused}</presence>");
        World.Focus.Enters(room);
        Assert.False(World.HasRoom(room));
    }

    [Fact]
    public void Who_was_banned_or_left_for_good_does_not_come_into_a_breakout_room()
    {
        var bob = _script.Enters("Bob");
        var cid = _script.Enters("Cid");
        var room = _script.Adds("One");
        World.Focus.Enters(room);
        Ann.Sends($"<iq type='set' id='ban' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast' jid='{bob.BareJid}'/></query></iq>");
        cid.Sends($"<presence type='unavailable' to='{Call}/{cid.Nick}'/>");
        foreach (var client in (Client[])[bob, cid])
        {
            client.Forgets();
            client.Joins(room);
            client.Receives($"<presence type='error' from='{room}/{client.Nick}'/>");
        }
    }

    [Fact]
    public void A_nick_of_the_group_is_nobody_elses()
    {
        var bob = _script.Enters("Bob");
        var cid = _script.Enters("Cid");
        var room = _script.Adds("One");
        _script.Switches(bob, Call, room);
        cid.Forgets();
        cid.Sends($"<presence type='unavailable' to='{Call}/{cid.Nick}'><status>switch_room</status></presence>");
        cid.Forgets();
        cid.Sends($"<presence to='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        Assert.Equal("conflict", cid.Inbox[0].Child("error")?.Elements.First().Name);
        cid.Forgets();
        cid.Sends($"<presence to='{room}/{Ann.Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        Assert.Equal("conflict", cid.Inbox[0].Child("error")?.Elements.First().Name);
    }

    [Fact]
    public void Polls_and_messages_stay_in_the_room_that_their_sender_is_in()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        _script.Switches(bob, Call, room);
        World.Passes(TimeSpan.FromSeconds(1));
        bob.Forgets();
        Ann.Forgets();
        bob.Sends("<message to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"p\",\"question\":\"Why?\",\"answers\":[{\"name\":\"a\"}]}</json-message></message>");
        bob.Receives("<message from='polls.meet.jitsi'/>");
        bob.Sends($"<message type='groupchat' to='{room}'><body>hello</body></message>");
        bob.Receives($"<message from='{room}/{bob.Nick}'><body>hello</body></message>");
        Ann.ReceivesNothing();
    }

    [Fact]
    public void A_moderator_of_a_breakout_room_opens_no_lobby_there_and_ends_no_meeting()
    {
        var room = _script.Adds("One");
        _script.Switches(Ann, Call, room);
        Ann.Forgets();
        Ann.Sends($"<iq type='set' id='l' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
        Ann.Receives("<iq type='result' id='l'/>");
        Assert.False(World.Room(room).Configuration.HasLobby || World.Room(room).Configuration.MembersOnly);
        Ann.Sends("<message to='endconference.meet.jitsi' id='e'><end_conference/></message>");
        Ann.Eventually("<message type='error' id='e'/>");
    }

    [Fact]
    public void A_members_only_room_has_members_only_breakout_rooms_and_names_its_lobby_there()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        Ann.Sends($"<iq type='set' id='on' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='{bob.BareJid}'/></query></iq>");
        Ann.Sends($"<iq type='set' id='l' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
        _script.Switches(bob, Call, room);
        IsIn(bob, room);
        bob.Forgets();
        bob.Sends($"<iq type='get' id='d' to='{room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var info = DiscoInfo.Read(bob.Eventually("<iq type='result' id='d'/>").Child("query"))!;
        Assert.Contains("muc_membersonly", info.Features);
        Assert.Equal("call@lobby.meet.jitsi", info.Forms[0]["muc#roominfo_lobbyroom"]);
    }

    [Fact]
    public void A_token_for_the_main_room_is_good_in_its_breakout_rooms()
    {
        var admission = new ContextAdmission { Next = new SessionContext { Token = "t", Identity = "bob", Claims = new TokenClaims("call", false, null, null) } };
        World.Admission = admission;
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        _script.Switches(bob, Call, room);
        IsIn(bob, room);
    }

    [Fact]
    public void Too_many_rooms_and_too_long_names_are_refused()
    {
        Ann.Forgets();
        for (var i = 0; i < SignallingLimits.BreakoutRooms; i++) Commands(Ann, "add", $"subject='{i}'");
        World.Passes(TimeSpan.FromSeconds(5));
        Ann.Forgets();
        Commands(Ann, "add", "subject='More'");
        Ann.Receives("<message type='error' id='c'><error><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        Commands(Ann, "add", $"subject='{new string('x', SignallingLimits.BreakoutSubjectLength + 1)}'");
        Ann.Receives("<message type='error' id='c'><error><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        Commands(Ann, "add", $"subject='{new string('x', SignallingLimits.BreakoutCommandOctets)}'");
        Ann.Receives("<message type='error' id='c'><error><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        Assert.Equal(SignallingLimits.BreakoutRooms, World.StoreKeys.Count(key => key.EndsWith($"@{Component}", StringComparison.Ordinal)));
    }

    [Fact]
    public void One_who_changes_its_name_all_the_time_does_not_flood_the_others_with_lists()
    {
        var others = Enumerable.Range(0, 60).Select(i => _script.Enters($"Participant with the number {i}")).ToList();
        _script.Adds("One");
        World.Passes(TimeSpan.FromSeconds(5));
        foreach (var client in others) client.Forgets();
        Ann.Forgets();
        var octets = 0L;
        for (var i = 0; i < 100; i++)
        {
            World.Brings(others[0], $"<presence to='{Call}/{others[0].Nick}'>{Named($"N{i}")}</presence>");
            World.Passes(TimeSpan.FromSeconds(0.1));
            octets += others[1].Inbox.Where(stanza => stanza["from"] == Component).Sum(XmppSerializer.Measure);
            others[1].Forgets();
        }

        var list = XmppSerializer.Measure(XmppParser.Parse(others[1].Frames.Last(frame => frame.Contains("features/breakout-rooms/update", StringComparison.Ordinal))));
        Assert.InRange(octets, 1, (10 * SignallingLimits.BreakoutUpdateOctetsPerSecond) + (2 * list));
    }
}

using System.Text;
using JitsiMesh.Signalling.Modules.BreakoutRooms;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;
using static JitsiMesh.Signalling.Tests.BreakoutRooms.BreakoutWorld;

namespace JitsiMesh.Signalling.Tests.BreakoutRooms;

/// <summary>How long main and breakout rooms are there, and that they survive their owners.</summary>
public sealed class BreakoutLifeTests
{
    private readonly BreakoutWorld _script = new();

    private World World => _script.World;

    private Client Ann => _script.Ann;

    [Fact]
    public void The_main_room_stays_while_somebody_is_in_a_breakout_room_and_focus_is_told()
    {
        var room = _script.Adds("One");
        World.Focus.Forgets();
        _script.Switches(Ann, Call, room);
        IsIn(Ann, room);
        World.Focus.Eventually($"<message from='{Call}'><breakout-rooms xmlns='urn:jitsimesh:breakout' occupied='true'/></message>");
        World.Passes(TimeSpan.FromHours(1));
        Assert.True(World.HasRoom(Call));
        _script.Switches(Ann, room, Call);
        IsIn(Ann, Call);
        World.Focus.Eventually($"<message from='{Call}'><breakout-rooms xmlns='urn:jitsimesh:breakout' occupied='false'/></message>");
        World.Passes(TimeSpan.FromMinutes(1));
        Assert.True(World.HasRoom(Call) && World.HasRoom(room));
    }

    [Fact]
    public void A_focus_that_comes_back_into_the_main_room_learns_that_people_are_in_breakout_rooms()
    {
        var room = _script.Adds("One");
        _script.Switches(Ann, Call, room);
        World.Focus.Leaves(Call);
        Assert.True(World.HasRoom(Call));
        World.Focus.Forgets();
        World.Focus.Enters(Call);
        World.Focus.Eventually($"<message from='{Call}'><breakout-rooms xmlns='urn:jitsimesh:breakout' occupied='true'/></message>");
    }

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 15)]
    public void A_while_after_the_last_one_has_left_the_whole_group_is_over(bool switching, int seconds)
    {
        var room = _script.Adds("One");
        _script.Switches(Ann, Call, room);
        World.Passes(TimeSpan.FromMinutes(1));
        World.Focus.Forgets();
        Ann.Sends($"<presence type='unavailable' to='{room}/{Ann.Nick}'>{(switching ? "<status>switch_room</status>" : "")}</presence>");
        World.Passes(TimeSpan.FromSeconds(seconds - 1));
        Assert.True(World.HasRoom(Call));
        World.Passes(TimeSpan.FromSeconds(2));
        World.Focus.Eventually($"<presence type='unavailable' from='{Call}/focus'><x xmlns='http://jabber.org/protocol/muc#user'><destroy><reason>All occupants left.</reason></destroy></x></presence>");
        World.Passes(TimeSpan.FromSeconds(1));
        Assert.Empty(World.StoreKeys);
    }

    [Fact]
    public void A_main_room_that_focus_left_ends_too_and_takes_unused_breakout_rooms_along()
    {
        _script.Adds("One");
        Ann.Sends($"<presence type='unavailable' to='{Call}/{Ann.Nick}'/>");
        World.Focus.Leaves(Call);
        Assert.True(World.HasRoom(Call));
        World.Passes(TimeSpan.FromSeconds(6));
        World.Passes(TimeSpan.FromSeconds(1));
        Assert.Empty(World.StoreKeys);
    }

    [Fact]
    public void Whoever_ends_the_meeting_ends_its_breakout_rooms_with_the_same_reason()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        _script.Switches(bob, Call, room);
        bob.Forgets();
        Ann.Sends("<message to='endconference.meet.jitsi'><end_conference/></message>");
        var gone = bob.Eventually($"<presence type='unavailable' from='{room}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><destroy><reason>The meeting has been terminated</reason></destroy></x></presence>");
        Assert.Null(gone.Child("x", Namespaces.MucUser)!.Child("destroy", Namespaces.MucUser)!["jid"]);
        Assert.Empty(World.StoreKeys);
    }

    [Fact]
    public void A_room_that_is_not_open_yet_is_shown_to_nobody()
    {
        World.RoomsAreDeaf = true;
        Ann.Forgets();
        Commands(Ann, "add", "subject='One'");
        World.Passes(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(Updates(Ann), update => update["rooms"]!.Members.Count > 1);
        World.RoomsHear();
        Assert.Equal(2, _script.Told(Ann)["rooms"]!.Members.Count);
    }

    [Fact]
    public void New_owners_go_on_at_every_step()
    {
        var bob = _script.Enters("Bob");
        World.RoomsMove();
        var room = _script.Adds("One");
        World.RoomsMove();
        _script.Switches(bob, Call, room);
        IsIn(bob, room);
        World.RoomsMove();
        Assert.Equal([$"{room}/{bob.Nick}"], People(_script.Told(Ann), room));
        Commands(Ann, "rename", $"breakoutRoomJid='{room}' subject='Uno'");
        World.RoomsMove();
        Assert.Equal("Uno", _script.Told(bob)["rooms"]![room[..36]]!.String("name"));
        _script.Switches(bob, room, Call);
        IsIn(bob, Call);
        World.RoomsMove();
        Assert.Empty(People(_script.Told(Ann), room));
        foreach (var client in (Client[])[Ann, bob]) client.Sends($"<presence type='unavailable' to='{Call}/{client.Nick}'/>");
        World.RoomsMove();
        World.Passes(TimeSpan.FromSeconds(1));
        World.Passes(TimeSpan.FromSeconds(6));
        World.Passes(TimeSpan.FromSeconds(1));
        Assert.Empty(World.StoreKeys);
    }

    [Fact]
    public void A_join_that_waits_for_the_main_rooms_word_survives_the_owners_of_both()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        bob.Forgets();
        World.RoomsAreDeaf = true;
        _script.Switches(bob, Call, room);
        bob.ReceivesNothing();
        World.RoomsMove();
        World.RoomsHear();
        // Focus has entered before; the new owner has it from the store.
        IsIn(bob, room);
    }

    [Fact]
    public void Who_does_not_wait_for_the_word_is_not_let_in_when_it_comes()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        World.RoomsAreDeaf = true;
        _script.Switches(bob, Call, room);
        bob.Sends($"<presence type='unavailable' to='{room}/{bob.Nick}'/>");
        World.RoomsHear();
        Assert.Null(World.Room(room).ByRealJid(bob.FullJid));
    }

    [Fact]
    public void What_a_main_room_has_missed_is_set_right_by_and_by()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        _script.Switches(bob, Call, room);
        World.Room(Call).Module<BreakoutRoomsModule>()!.Load(Encoding.UTF8.GetBytes($"{{\"Counter\":1,\"Rooms\":{{\"{room}\":{{\"Subject\":\"One\",\"IsOpen\":true}}}}}}"));
        Ann.Forgets();
        Assert.Empty(People(_script.Told(Ann), room));
        World.Passes(TimeSpan.FromMinutes(6));
        Assert.Equal([$"{room}/{bob.Nick}"], People(_script.Told(Ann), room));
    }

    [Fact]
    public void A_breakout_room_whose_main_room_is_gone_ends()
    {
        var bob = _script.Enters("Bob");
        var room = _script.Adds("One");
        _script.Switches(bob, Call, room);
        bob.Forgets();
        World.RoomsAreDeaf = true;
        World.Loses(Call);
        World.RoomsHear();
        Assert.True(World.HasRoom(room));
        World.Passes(TimeSpan.FromMinutes(6));
        bob.Eventually($"<presence type='unavailable' from='{room}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x></presence>");
        Assert.Empty(World.StoreKeys);
    }

    [Fact]
    public void Who_vanishes_from_a_breakout_room_is_no_longer_in_the_list()
    {
        var script = new BreakoutWorld(nodes: 2);
        var bob = script.Enters("Bob", node: 1);
        var room = script.Adds("One");
        script.Switches(bob, Call, room);
        script.World.NodesLive(0);
        script.World.Passes(TimeSpan.FromSeconds(61));
        Assert.Empty(People(script.Told(script.Ann), room));
    }
}

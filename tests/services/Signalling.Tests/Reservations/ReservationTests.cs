using JitsiMesh.Contracts;
using JitsiMesh.Signalling.Reservations;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Reservations;

/// <summary>Rooms that open with a reservation only (signalling reference, section 11), up to the door of the reservation system.</summary>
public sealed class ReservationTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Refused = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Too early</text><reservation-error xmlns='http://jitsi.org/protocol/focus' error-code='403'/></error>";

    [Fact]
    public void The_first_request_asks_and_all_wait_until_it_is_granted()
    {
        var world = Start();
        var ann = world.Connects();
        var bob = world.Connects();
        Asks(ann);
        Asks(bob);
        ann.ReceivesNothing();
        bob.ReceivesNothing();
        var call = Assert.Single(world.Calls);
        Assert.Equal((Call, ann.BareJid, null, world.Now.Utc), (call.Room, call.MailOwner, call.EndedId, call.StartTime));

        Grants(world);
        ann.Receives("<iq type='result' id='c' from='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>");
        bob.Receives("<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>");
        Joins(ann);
        Joins(bob);
        Asks(bob);
        bob.Eventually("<iq type='result' id='c'/>");
        Assert.Single(world.Calls);
    }

    [Fact]
    public void A_refusal_is_told_with_its_code_and_text_for_30_seconds_without_asking_again()
    {
        var world = Start();
        var ann = world.Connects();
        Asks(ann);
        world.ReservationSays(world.Calls[0], ReservationReply.Refused(403, "Too early", "refused"));
        ann.Receives($"<iq type='error' id='c' from='focus.meet.jitsi'>{Refused}</iq>");
        Assert.False(world.HasRoom(Call));
        Assert.Empty(world.StoreKeys);

        world.Passes(TimeSpan.FromSeconds(29));
        Asks(ann);
        ann.Receives($"<iq type='error' id='c'>{Refused}</iq>");
        Assert.Single(world.Calls);
        world.Passes(TimeSpan.FromSeconds(2));
        Asks(ann);
        ann.ReceivesNothing();
        Assert.Equal(2, world.Calls.Count);
    }

    [Fact]
    public void Nobody_gets_around_it_by_joining()
    {
        var world = Start();
        var ann = world.Connects();
        ann.Joins(Call);
        ann.Receives("<presence type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        // Neither does focus, for instance one that goes on with a conference whose room has ended.
        world.Focus.Enters(Call);
        world.Focus.Receives("<presence type='error'/>");
        Assert.False(world.HasRoom(Call));

        Asks(ann);
        var bob = world.Connects();
        bob.Joins(Call);
        bob.ReceivesNothing();
        world.Focus.Leaves(Call);
        world.Focus.Forgets();
        world.Focus.Enters(Call);
        world.Focus.Receives("<presence type='error'/>");
        var gateway = world.Connects(host: "auth.meet.jitsi");
        gateway.Joins(Call);
        world.ReservationSays(world.Calls[0], ReservationReply.Unreachable);
        bob.Receives("<presence type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Room creation is restricted</text></error></presence>");
        Assert.DoesNotContain(gateway.Inbox, stanza => stanza["type"] is null && stanza.Name == "presence");
        Assert.False(world.HasRoom(Call));
        Assert.Empty(world.StoreKeys);
    }

    [Fact]
    public void The_end_of_its_time_ends_the_room_and_the_reservation_is_given_back()
    {
        var world = Start();
        var ann = Opens(world);
        world.Passes(TimeSpan.FromMinutes(59));
        ann.ReceivesNothing();
        world.Passes(TimeSpan.FromMinutes(2));
        ann.Receives($"<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy missing='jid'><reason>Scheduled conference duration exceeded.</reason></destroy></x></presence>");
        Assert.Equal("r-1", world.Calls[^1].EndedId);
        Assert.Empty(world.StoreKeys);
        world.Focus.Leaves(Call);
        Asks(ann);
        Assert.Equal((3, null), (world.Calls.Count, world.Calls[^1].EndedId));
    }

    [Fact]
    public void A_room_that_all_have_left_gives_its_reservation_back()
    {
        var world = Start();
        var ann = Opens(world);
        ann.Sends($"<presence type='unavailable' to='{Call}/{ann.Nick}'/>");
        world.Focus.Leaves(Call);
        Assert.Equal((2, "r-1"), (world.Calls.Count, world.Calls[^1].EndedId));
        Assert.Empty(world.StoreKeys);
    }

    [Fact]
    public void One_that_nobody_enters_is_given_back_after_two_minutes()
    {
        var world = Start();
        world.Focus.Answers = false;
        var ann = world.Connects();
        Asks(ann);
        Grants(world);
        world.Passes(TimeSpan.FromSeconds(100));
        // Somebody still waits, for instance for the host.
        Asks(ann);
        world.Passes(TimeSpan.FromSeconds(100));
        Assert.True(world.HasRoom(Call));
        world.RoomsMove();
        world.Passes(TimeSpan.FromMilliseconds(1));
        Assert.True(world.HasRoom(Call));
        world.Passes(TimeSpan.FromSeconds(121));
        Assert.False(world.HasRoom(Call));
        Assert.Equal((2, "r-1"), (world.Calls.Count, world.Calls[^1].EndedId));
        Assert.Empty(world.StoreKeys);
    }

    [Fact]
    public void A_new_owner_asks_again_for_those_who_wait_and_knows_when_the_time_is_over()
    {
        var world = Start();
        var ann = world.Connects();
        Asks(ann);
        world.RoomsMove();
        world.Passes(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, world.Calls.Count);
        Assert.Equal(world.Calls[0], world.Calls[1]);
        // Whichever answer comes first counts, the other one for nothing.
        Grants(world);
        world.ReservationSays(world.Calls[1], ReservationReply.Refused(403, "No", "refused"));
        ann.Receives("<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>");
        ann.ReceivesNothing();

        world.RoomsMove();
        Joins(ann);
        world.RoomsMove();
        ann.Forgets();
        world.Passes(TimeSpan.FromMinutes(61));
        ann.Receives("<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy><reason>Scheduled conference duration exceeded.</reason></destroy></x></presence>");
        Assert.Equal("r-1", world.Calls[^1].EndedId);
    }

    [Fact]
    public void An_answer_of_somebody_else_or_to_another_question_counts_for_nothing()
    {
        var world = Start();
        var ann = world.Connects();
        Asks(ann);
        var granted = ReservationReply.Granted("r-1", world.Now.Utc.AddHours(1));
        world.ReservationSays(world.Calls[0] with { Attempt = "other" }, granted);
        world.ReservationSays(world.Calls[0], granted, sender: "jibri");
        ann.ReceivesNothing();
        var bob = world.Connects();
        bob.Sends($"<iq type='set' id='r' to='{Call}'>{granted.ToElement(world.Calls[0].Attempt)}</iq>");
        bob.Receives("<iq type='error' id='r'/>");
        ann.ReceivesNothing();
    }

    [Fact]
    public void A_reservation_that_is_over_already_is_refused_and_given_back()
    {
        var world = Start();
        var ann = world.Connects();
        Asks(ann);
        world.ReservationSays(world.Calls[0], ReservationReply.Granted("r-1", world.Now.Utc));
        ann.Receives("<iq type='error' id='c'><error type='cancel'><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Reservation expired</text><reservation-error xmlns='http://jitsi.org/protocol/focus' error-code='419'/></error></iq>");
        Assert.Equal((2, "r-1"), (world.Calls.Count, world.Calls[^1].EndedId));
    }

    [Fact]
    public void Without_an_answer_the_room_does_not_open()
    {
        var world = Start();
        var ann = world.Connects();
        Asks(ann);
        world.Passes(world.Options.ReservationTime - TimeSpan.FromSeconds(1));
        ann.ReceivesNothing();
        world.Passes(TimeSpan.FromSeconds(2));
        ann.Receives("<iq type='error' id='c'><error type='cancel'><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Reservation lookup timed out</text><reservation-error xmlns='http://jitsi.org/protocol/focus' error-code='500'/></error></iq>");
        Assert.False(world.HasRoom(Call));
    }

    [Fact]
    public void Password_lobby_and_size_of_a_reservation_hold()
    {
        var world = Start();
        var ann = world.Connects();
        Asks(ann);
        world.ReservationSays(world.Calls[0], ReservationReply.Granted("r-1", world.Now.Utc.AddHours(1)) with { Password = "pw", MaximumOccupants = 1, HasLobby = true });
        ann.Receives("<iq type='result' id='c'/>");
        ann.Joins(Call, extra: "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>");
        ann.Eventually("<presence type='error'><error type='auth' code='407'><lobbyroom xmlns='http://jitsi.org/jitmeet'>call@lobby.meet.jitsi</lobbyroom></error></presence>");
        ann.Joins(Call, password: "pw");
        ann.Eventually($"<presence from='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        world.RoomsMove();
        var bob = world.Connects();
        bob.Joins(Call, password: "pw");
        bob.Receives("<presence type='error'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
    }

    [Fact]
    public void Other_rooms_go_on_while_one_waits()
    {
        var world = Start();
        var ann = Opens(world);
        var bob = world.Connects("other");
        Asks(bob, "other@muc.meet.jitsi");
        ann.Sends($"<message type='groupchat' id='m' to='{Call}'><body>hi</body></message>");
        ann.Receives("<message id='m'/>");
        bob.ReceivesNothing();
    }

    [Fact]
    public void Health_checks_of_focus_need_none()
    {
        var world = Start();
        world.Focus.Enters("__jicofo-health-check-1@muc.meet.jitsi");
        Assert.True(world.HasRoom("__jicofo-health-check-1@muc.meet.jitsi"));
        Assert.Empty(world.Calls);
    }

    [Fact]
    public void A_session_id_that_waits_is_not_stored_and_reaches_focus()
    {
        var world = Start();
        var client = world.Connects();
        client.Sends("<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='call@muc.meet.jitsi' machine-uid='m' session-id='a-secret-session-id'/></iq>");
        Assert.Single(world.Calls);
        Assert.Contains("machine-uid", world.StoredState, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-session-id", world.StoredState, StringComparison.Ordinal);
        world.Focus.Answers = false;
        Grants(world);
        Assert.Equal("a-secret-session-id", world.Focus.Eventually("<iq type='set'><conference xmlns='http://jitsi.org/protocol/focus'/></iq>").Stanza.Child("conference")!["session-id"]);
    }

    [Fact]
    public void What_waits_in_one_room_is_bounded_by_its_length()
    {
        var world = Start();
        var clients = Enumerable.Range(0, 5).Select(_ => world.Connects()).ToList();
        foreach (var client in clients) client.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='call@muc.meet.jitsi' machine-uid='{new string('m', 60_000)}'/></iq>");
        foreach (var client in clients.Take(2)) client.ReceivesNothing();
        foreach (var client in clients.Skip(2)) client.Receives("<iq type='result' id='c' from='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='call@muc.meet.jitsi' ready='false'/></iq>");
    }

    [Fact]
    public void Who_waits_in_one_room_is_bounded_and_asks_again()
    {
        var world = Start();
        var clients = Enumerable.Range(0, SignallingLimits.WaitingForReservation + 1).Select(_ => world.Connects()).ToList();
        foreach (var client in clients) Asks(client);
        clients[^1].Receives("<iq type='result' id='c' from='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='call@muc.meet.jitsi' ready='false'/></iq>");
        // One that asks again takes no second place.
        Asks(clients[0]);
        Assert.Single(world.Calls);
        Grants(world);
        foreach (var client in clients.SkipLast(1))
        {
            client.Receives("<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>");
            client.ReceivesNothing();
        }
    }

    [Fact]
    public void Rooms_that_wait_are_bounded_for_each_partition()
    {
        var world = Start();
        var reasons = new List<string>();
        world.PutOut = outputs => reasons.AddRange(outputs.Refused);
        var names = Enumerable.Range(0, int.MaxValue).Select(i => $"r{i}").Where(name => Partitions.Of($"{name}@muc.meet.jitsi") == 7).Take(SignallingLimits.AskedReservations + 1).ToList();
        var clients = names.Select(name => world.Connects(name)).ToList();
        foreach (var (client, name) in clients.Zip(names)) Asks(client, $"{name}@muc.meet.jitsi");
        clients[^1].Receives("<iq type='result' id='c'><conference xmlns='http://jitsi.org/protocol/focus' ready='false'/></iq>");
        Assert.Equal(SignallingLimits.AskedReservations, world.Calls.Count);
        Assert.Equal(["too-many-reservations"], reasons);
        world.ReservationSays(world.Calls[0], ReservationReply.Unreachable);
        Asks(clients[^1], $"{names[^1]}@muc.meet.jitsi");
        Assert.Equal(SignallingLimits.AskedReservations + 1, world.Calls.Count);
    }

    private static World Start() => new(options => options.Reservations = true) { Admission = new ContextAdmission() };

    private static Client Opens(World world)
    {
        var ann = world.Connects();
        Asks(ann);
        Grants(world);
        Joins(ann);
        ann.Forgets();
        return ann;
    }

    private static void Grants(World world) => world.ReservationSays(world.Calls[0], ReservationReply.Granted("r-1", world.Now.Utc.AddHours(1)));

    private static void Asks(Client client, string room = Call) =>
        client.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}' machine-uid='m'/></iq>");

    private static void Joins(Client client)
    {
        client.Joins(Call);
        client.Eventually($"<presence from='{Call}/{client.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }
}

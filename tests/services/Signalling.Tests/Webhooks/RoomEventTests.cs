using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Modules.RoomEvents;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests.Webhooks;

/// <summary>What rooms tell outside of themselves, through real sessions.</summary>
public sealed class RoomEventTests
{
    private const string Call = "call@muc.meet.jitsi";

    private readonly List<RoomEvent> _events = [];

    [Fact]
    public void A_meeting_is_told_from_its_first_participant_to_its_end()
    {
        var world = Start();
        world.Focus.Enters(Call);
        Assert.Empty(Told());
        var ann = world.Connects();
        ann.Joins(Call, extra: "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>");
        world.Passes(TimeSpan.FromSeconds(10));
        var bob = world.Enters();
        Assert.Equal(["room.created", "participant.joined", "participant.joined"], Told());

        world.Passes(TimeSpan.FromSeconds(50.9));
        Leaves(bob);
        Leaves(ann);
        world.Passes(TimeSpan.FromSeconds(5));
        Assert.Equal(["participant.left", "participant.left"], Told(3));
        world.Focus.Leaves(Call);
        Assert.Equal(["room.ended"], Told(5));
        Assert.Equal(_events.Count, _events.Select(one => one.Id).Distinct().Count());
        Assert.All(_events, one => Assert.Matches("^msg_[0-9a-f]{32}$", one.Id));
        Assert.All(_events, one => Assert.Equal(Call, one.Room));

        var room = $$$"""{"name":"call","tenant":null,"jid":"{{{Call}}}","meeting_id":"{{{Data(0).GetProperty("room").GetProperty("meeting_id").GetString()}}}"}""";
        Assert.Equal($$$"""{"type":"room.created","timestamp":"2026-08-24T09:00:00.000Z","data":{"room":{{{room}}},"created_at":"2026-08-24T09:00:00.000Z"}}""", _events[0].Body);
        var first = $$$"""{"id":"{{{ann.Nick}}}","jid":"{{{Call}}}/{{{ann.Nick}}}","display_name":"Ann","user_id":null,"moderator":false,"joined_at":"2026-08-24T09:00:00.000Z"}""";
        Assert.Equal($$$"""{"type":"participant.joined","timestamp":"2026-08-24T09:00:00.000Z","data":{"room":{{{room}}},"participant":{{{first}}}}}""", _events[1].Body);
        var second = $$$"""{"id":"{{{bob.Nick}}}","jid":"{{{Call}}}/{{{bob.Nick}}}","display_name":null,"user_id":null,"moderator":false,"joined_at":"2026-08-24T09:00:10.000Z"}""";
        Assert.Equal($$$"""{"type":"participant.left","timestamp":"2026-08-24T09:01:00.900Z","data":{"room":{{{room}}},"participant":{{{second}}},"reason":"left","duration":50}}""", _events[3].Body);
        Assert.Equal($$$"""{"type":"room.ended","timestamp":"2026-08-24T09:01:05.900Z","data":{"room":{{{room}}},"created_at":"2026-08-24T09:00:00.000Z","ended_at":"2026-08-24T09:01:05.900Z","duration":65,"peak_participants":2}}""", _events[5].Body);
    }

    [Fact]
    public void Nobody_is_told_of_a_room_that_no_participant_enters()
    {
        var world = Start();
        world.Focus.Enters(Call);
        world.Focus.Leaves(Call);
        Assert.Empty(_events);
    }

    [Fact]
    public void A_client_that_joins_again_or_says_more_of_itself_has_joined_once()
    {
        var world = Start();
        var ann = world.Enters();
        ann.Joins(Call);
        ann.Sends($"<presence to='{Call}/{ann.Nick}'><nick xmlns='http://jabber.org/protocol/nick'>Anna</nick></presence>");
        Leaves(ann);
        Assert.Equal(["room.created", "participant.joined", "participant.left"], Told());
        Assert.Equal("Anna", Data(2).GetProperty("participant").GetProperty("display_name").GetString());
    }

    [Fact]
    public void A_kick_is_told_as_one_and_the_role_is_that_of_the_time()
    {
        var world = Start();
        var (ann, bob) = (world.Enters(), world.Enters());
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Sends($"<iq type='set' id='k' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{bob.Nick}' role='none'/></query></iq>");
        Leaves(ann);
        Assert.Equal([(bob.Nick, "kicked", false), (ann.Nick, "left", true)], Leaves());
    }

    [Fact]
    public void The_end_for_all_is_told_for_each_and_then_for_the_room()
    {
        var world = Start();
        var (ann, bob) = (world.Enters(), world.Enters());
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Sends("<message to='endconference.meet.jitsi' id='e'><end_conference/></message>");
        Assert.Equal(["participant.left", "participant.left", "room.ended"], Told(3));
        Assert.Equal([(ann.Nick, "room-ended", true), (bob.Nick, "room-ended", false)], Leaves());
    }

    [Fact]
    public void A_connection_that_does_not_come_back_has_timed_out_and_one_that_is_closed_has_left()
    {
        var world = Start();
        var (ann, bob) = (world.Enters(), world.Enters());
        ann.LosesSocket();
        bob.SendsRaw("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        world.Passes(TimeSpan.FromSeconds(61));
        Assert.Equal([(bob.Nick, "left", false), (ann.Nick, "timed-out", false)], Leaves());
    }

    [Fact]
    public void Whose_node_is_gone_has_timed_out()
    {
        var world = Start(nodes: 2);
        var (ann, bob) = (world.Enters(), world.Enters(node: 1));
        world.NodesLive(0);
        world.Passes(TimeSpan.FromSeconds(61));
        Assert.Equal([(bob.Nick, "timed-out", false)], Leaves());
        Assert.NotNull(ann);
    }

    [Fact]
    public void The_reason_comes_over_the_link_to_an_owner_on_another_node()
    {
        var input = new RoomInput(Call, Xmpp.XmppParser.Parse("<presence xmlns='jabber:client' type='unavailable'/>"), Sessions.SessionInfo.Of(Xmpp.Jid.Parse("ann@meet.jitsi/r"), "q")) { LeftBecause = LeaveReason.TimedOut };
        var carried = JsonSerializer.Deserialize<StanzaEnvelope>(JsonSerializer.SerializeToUtf8Bytes(input.ToEnvelope()))!;
        var domains = new SignallingFeatures(new SignallingOptions()).Domains;
        Assert.Equal(LeaveReason.TimedOut, Links.LinkInput.FromEnvelope(carried, domains, "f")!.LeftBecause);
        foreach (var hostile in (string?[])[null, "", "7", "Nonsense"]) Assert.Equal(LeaveReason.Left, Links.LinkInput.FromEnvelope(carried with { LeftBecause = hostile }, domains, "f")!.LeftBecause);
    }

    [Fact]
    public void Hidden_ones_services_and_those_who_wait_in_the_lobby_are_no_participants()
    {
        var world = Start();
        world.Admission = new ContextAdmission();
        var ann = world.Enters();
        var recorder = world.Connects(host: "hidden.meet.jitsi");
        recorder.Joins(Call);
        var bot = world.Connects(host: "auth.meet.jitsi");
        bot.Joins(Call);
        Assert.Equal(4, world.Room(Call).Occupants.Count);
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Sends($"<iq type='set' id='l' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
        var bob = world.Connects();
        bob.Joins("call@lobby.meet.jitsi", extra: "<nick xmlns='http://jabber.org/protocol/nick'>Bob</nick>");
        Assert.Single(world.Room("call@lobby.meet.jitsi").Occupants);
        Leaves(recorder);
        Leaves(bot);
        Leaves(bob, "call@lobby.meet.jitsi");
        Leaves(ann);
        Assert.Equal(["room.created", "participant.joined", "participant.left"], Told());
    }

    [Theory]
    [InlineData("""{"id":"u-7","name":"Ann","email":"ann@example.org"}""", "sub", "u-7")]
    [InlineData("""{"id":7}""", null, "7")]
    [InlineData("""{"id":{"a":1}}""", "ann@meet.jitsi", "ann@meet.jitsi")]
    [InlineData(null, "ann@meet.jitsi", "ann@meet.jitsi")]
    [InlineData(null, null, null)]
    public void Who_an_authority_says_it_is_is_told_by_id_and_without_its_mail_address(string? user, string? identity, string? id)
    {
        var world = Start();
        world.Admission = new ContextAdmission { Next = new SessionContext { UserContext = user, Identity = identity, Token = "t0k3n" } };
        world.Enters();
        Assert.Equal(id, Data(1).GetProperty("participant").GetProperty("user_id").GetString());
        Assert.DoesNotContain("example.org", _events[1].Body, StringComparison.Ordinal);
        Assert.DoesNotContain("t0k3n", _events[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tenants_room_is_told_with_its_tenant_and_long_names_are_cut()
    {
        var world = Start();
        var ann = world.Connects(tenant: "acme");
        world.Focus.Enters("[acme]call@muc.meet.jitsi");
        ann.Joins("call@muc.acme.meet.jitsi", extra: $"<nick xmlns='http://jabber.org/protocol/nick'>{new string('é', 900)}</nick>");
        var data = Data(1);
        Assert.Equal(("call", "acme", "[acme]call@muc.meet.jitsi"), (data.GetProperty("room").GetProperty("name").GetString(), data.GetProperty("room").GetProperty("tenant").GetString(), data.GetProperty("room").GetProperty("jid").GetString()));
        Assert.Equal(SignallingLimits.DisplayNameLength, data.GetProperty("participant").GetProperty("display_name").GetString()!.Length);
    }

    [Fact]
    public void A_new_owner_of_the_room_goes_on()
    {
        var world = Start();
        var (ann, bob) = (world.Enters(), world.Enters());
        Leaves(bob);
        world.RoomsMove();
        world.Passes(TimeSpan.FromSeconds(30));
        Leaves(ann);
        world.Focus.Leaves(Call);
        Assert.Equal(["participant.left", "participant.left", "room.ended"], Told(3));
        Assert.Equal((30, 2), (Data(4).GetProperty("duration").GetInt32(), Data(5).GetProperty("peak_participants").GetInt32()));
    }

    [Fact]
    public void Only_the_wanted_ones_are_told()
    {
        var world = Start(1, RoomEventTypes.RoomEnded);
        Leaves(world.Enters());
        world.Focus.Leaves(Call);
        Assert.Equal(["room.ended"], Told());
    }

    [Fact]
    public void What_is_undone_because_a_feature_failed_is_not_told()
    {
        var world = Start();
        world.Failures = [];
        world.Fits = context => context with { Modules = room => [.. context.Modules(room), new FailsAtTheSecond(room)] };
        var ann = world.Enters();
        world.Enters();
        Leaves(ann);
        Assert.Single(world.Failures);
        Assert.Equal(["room.created", "participant.joined", "participant.left"], Told());
    }

    private World Start(int nodes = 1, params string[] wanted)
    {
        var world = new World(options => options.RoomEvents = (wanted.Length == 0 ? RoomEventTypes.All : wanted).ToHashSet(), nodes);
        world.PutOut = outputs => _events.AddRange(outputs.Events);
        return world;
    }

    private static void Leaves(Client client, string room = Call) => client.Sends($"<presence type='unavailable' to='{room}/{client.Nick}'/>");

    private IEnumerable<string> Told(int from = 0) => _events.Skip(from).Select(one => one.Type);

    private JsonElement Data(int index) => JsonDocument.Parse(_events[index].Body).RootElement.GetProperty("data");

    private IEnumerable<(string? Id, string? Reason, bool Moderator)> Leaves() => _events.Where(one => one.Type == "participant.left")
        .Select(one => JsonDocument.Parse(one.Body).RootElement.GetProperty("data"))
        .Select(data => (data.GetProperty("participant").GetProperty("id").GetString(), data.GetProperty("reason").GetString(), data.GetProperty("participant").GetProperty("moderator").GetBoolean()));

    private sealed class FailsAtTheSecond(Room room) : RoomModule(room)
    {
        public override string Name => "fails";

        public override void Entered(Occupant occupant, MeshInstant now, RoomOutputs outputs)
        {
            if (Room.Occupants.Count > 2) throw new InvalidOperationException("Planned");
        }
    }
}

using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>The components (signalling reference, sections 5.6 to 5.11) and what the server writes into presence (4.4, 8.3).</summary>
public sealed class FeatureTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public void A_presence_that_repeats_start_muted_changes_nothing_and_none_goes_over_moderation()
    {
        var world = new World();
        var ann = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        var metadata = world.Room(Call).Module<Modules.RoomMetadata.RoomMetadataModule>()!;
        void Says(string audio, string video, string more = "") => ann.Sends($"<presence to='{Call}/{ann.Nick}'><startmuted xmlns='http://jitsi.org/jitmeet/start-muted' audio='{audio}' video='{video}'/>{more}</presence>");
        Says("true", "false");
        Assert.Equal("""{"audio":true,"video":false}""", metadata["startMuted"]!.ToJson());
        ann.Sends("""<message to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='call@muc.meet.jitsi'>{"key":"startMuted","data":{"audio":false,"video":true} }</room_metadata></message>""");
        Says("true", "false", "<nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>");
        Assert.Equal("""{"audio":false,"video":true}""", metadata["startMuted"]!.ToJson());
        ann.Sends("<message to='avmoderation.meet.jitsi'><av_moderation enable='true' mediaType='audio'/></message>");
        Says("false", "false");
        Says("false", "true");
        Says("true", "false");
        Says("false", "false");
        Assert.Equal("""{"audio":true,"video":false}""", metadata["startMuted"]!.ToJson());
    }

    [Fact]
    public void Metadata_with_turn_comes_just_before_the_own_presence()
    {
        var world = new World(options => options.ExternalServices.Add(new ExternalServiceOptions { Type = "turn", Host = "turn.example", Port = 3478 }));
        var ann = world.Enters();
        var order = ann.Inbox.Select(stanza => stanza.Name == "presence" ? stanza["from"]! : stanza["from"] ?? "").ToList();
        Assert.Equal([$"{Call}/focus", "metadata.meet.jitsi", $"{Call}/{ann.Nick}", Call, "conferenceduration.meet.jitsi"], order);
        var json = Json(ann.Inbox[1]);
        Assert.Equal(Call, ann.Inbox[1].Child("json-message")!["room"]);
        Assert.Equal("room_metadata", json.GetProperty("type").GetString());
        var service = json.GetProperty("metadata").GetProperty("services")[0];
        Assert.Equal(("turn.example", "3478"), (service.GetProperty("host").GetString(), service.GetProperty("port").GetString()));
    }

    [Fact]
    public void Metadata_tell_of_one_turn_user_for_everybody_and_of_each_sessions_own_at_the_edge()
    {
        var world = new World(options =>
        {
            (options.ExternalServiceUsername, options.ExternalServicePassword, options.RelaySecret) = ("everybody", "theirs", "secret");
            options.ExternalServices.Add(new ExternalServiceOptions { Type = "turn", Host = "turn.example", Port = 3478 });
            options.ExternalServices.Add(new ExternalServiceOptions { Type = "turns", Host = "meet.example", Port = 443, Transport = "tcp", IsRelay = true });
        });
        var users = new[] { world.Enters(), world.Enters() }.Select(client => Json(client.Inbox.First(stanza => stanza["from"] == "metadata.meet.jitsi")).GetProperty("metadata").GetProperty("services")).ToList();
        Assert.All(users, services => Assert.Equal("everybody", services[0].GetProperty("username").GetString()));
        Assert.All(users, services => Assert.False(services[0].TryGetProperty("expires", out _)));
        Assert.NotEqual(users[0][1].GetProperty("username").GetString(), users[1][1].GetProperty("username").GetString());
    }

    [Fact]
    public void Older_clients_are_told_since_when_the_meeting_lasts_by_the_component_that_disco_names()
    {
        var world = new World();
        var ann = world.Enters();
        var started = world.Now.Utc.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        world.Passes(TimeSpan.FromSeconds(90));
        var bob = world.Enters();
        bob.Sends("<iq type='get' id='d' to='meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var component = Assert.Single(DiscoInfo.Read(bob.Inbox[^1].Child("query"))!.Identities, identity => identity.Type == "conference_duration").Name;
        foreach (var client in (Client[])[ann, bob])
        {
            var told = Assert.Single(client.Inbox, stanza => stanza["from"] == component);
            Assert.Null(told["type"]);
            Assert.Equal($"{{\"type\":\"conference_duration\",\"created_timestamp\":\"{started}\"}}", told.Child("json-message")!.Text);
            // After the stanzas that make up the join.
            Assert.True(client.Inbox.ToList().IndexOf(told) > client.Inbox.ToList().FindIndex(stanza => stanza.Child("subject") is not null));
        }

        ann.Forgets();
        bob.Forgets();
        bob.Sends($"<presence to='{Call}/{bob.Nick}'><nick xmlns='http://jabber.org/protocol/nick'>Bob</nick></presence>");
        Assert.DoesNotContain(bob.Inbox, stanza => stanza["from"] == component);
    }

    [Fact]
    public void Moderators_write_metadata_and_everybody_gets_the_whole_object_without_services()
    {
        var world = new World();
        var (ann, bob) = ModeratorAndOther(world);
        bob.Sends($"<message to='metadata.meet.jitsi' id='w'><room_metadata xmlns='http://jitsi.org/jitmeet' room='{Call}'>{{\"key\":\"whiteboard\",\"data\":{{}},\"type\":\"room_metadata\"}}</room_metadata></message>");
        bob.Receives("<message type='error' id='w'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        ann.Sends($"<message to='metadata.meet.jitsi' id='b'><room_metadata xmlns='http://jitsi.org/jitmeet' room='{Call}'>{{\"key\":\"services\",\"data\":[]}}</room_metadata></message>");
        ann.Receives("<message type='error' id='b'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        ann.Sends($"<message to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='{Call}'>{{\"key\":\"whiteboard\",\"data\":{{\"a\":\"<b>&amp;\"}}}}</room_metadata></message>".Replace("<b>", "&lt;b>", StringComparison.Ordinal));
        Assert.Equal("{\"type\":\"room_metadata\",\"metadata\":{\"whiteboard\":{\"a\":\"<b>&\"}}}", bob.Receives("<message from='metadata.meet.jitsi'/>").Child("json-message")!.Text);
        world.Focus.Eventually("<message from='metadata.meet.jitsi'/>");
        ann.Receives("<message from='metadata.meet.jitsi'/>");
        // The same value again interests nobody.
        ann.Sends($"<message to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='{Call}'>{{\"key\":\"whiteboard\",\"data\":{{\"a\":\"&lt;b>&amp;\"}}}}</room_metadata></message>");
        bob.ReceivesNothing();
    }

    [Fact]
    public void Start_muted_in_a_moderators_presence_becomes_metadata()
    {
        var world = new World();
        var (ann, bob) = ModeratorAndOther(world);
        bob.Sends($"<presence to='{Call}/{bob.Nick}'><startmuted xmlns='http://jitsi.org/jitmeet/start-muted' audio='true' video='true'/></presence>");
        bob.Receives($"<presence from='{Call}/{bob.Nick}'/>");
        bob.ReceivesNothing();
        ann.Sends($"<presence to='{Call}/{ann.Nick}'><startmuted xmlns='http://jitsi.org/jitmeet/start-muted' audio='true' video='false'/></presence>");
        var startMuted = Json(bob.Receives("<message from='metadata.meet.jitsi'/>")).GetProperty("metadata").GetProperty("startMuted");
        Assert.True(startMuted.GetProperty("audio").GetBoolean());
        Assert.False(startMuted.GetProperty("video").GetBoolean());
    }

    [Fact]
    public void Moderation_is_told_to_all_lists_to_moderators_and_approval_to_the_one()
    {
        var world = new World();
        var (ann, bob) = ModeratorAndOther(world);
        ann.Sends("<message to='avmoderation.meet.jitsi'><av_moderation enable='true' mediaType='audio'/></message>");
        bob.Receives("<message from='metadata.meet.jitsi'/>");
        var enabled = Json(bob.Receives($"<message from='avmoderation.meet.jitsi' to='{bob.FullJid}' missing='type'/>"));
        Assert.Equal((true, Call, $"{Call}/{ann.Nick}", "audio"), (enabled.GetProperty("enabled").GetBoolean(), enabled.GetProperty("room").GetString(), enabled.GetProperty("actor").GetString(), enabled.GetProperty("mediaType").GetString()));
        bob.ReceivesNothing();
        ann.Eventually("<message from='avmoderation.meet.jitsi'/>");
        Assert.Equal($"{Call}/{ann.Nick}", Json(ann.Receives("<message from='avmoderation.meet.jitsi'/>")).GetProperty("whitelists").GetProperty("audio")[0].GetString());

        ann.Sends($"<message to='avmoderation.meet.jitsi'><av_moderation jidToWhitelist='{Call}/{bob.Nick}' mediaType='audio'/></message>");
        Assert.True(Json(bob.Receives("<message from='avmoderation.meet.jitsi'/>")).GetProperty("approved").GetBoolean());
        Assert.Equal(2, Json(ann.Receives("<message from='avmoderation.meet.jitsi'/>")).GetProperty("whitelists").GetProperty("audio").GetArrayLength());
        ann.Sends($"<message to='avmoderation.meet.jitsi'><av_moderation jidToBlacklist='{Call}/{bob.Nick}' mediaType='audio'/></message>");
        Assert.True(Json(bob.Receives("<message from='avmoderation.meet.jitsi'/>")).GetProperty("removed").GetBoolean());

        var cid = world.Enters();
        Assert.True(Json(cid.Eventually("<message from='avmoderation.meet.jitsi'/>")).GetProperty("enabled").GetBoolean());
        world.Focus.Eventually("<message from='avmoderation.meet.jitsi'/>");
        bob.Forgets();
        ann.Sends("<message to='avmoderation.meet.jitsi'><av_moderation enable='false' mediaType='audio'/></message>");
        Assert.Empty(Json(bob.Receives("<message from='metadata.meet.jitsi'/>")).GetProperty("metadata").EnumerateObject());
        Assert.False(Json(bob.Receives("<message from='avmoderation.meet.jitsi'/>")).GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public void Who_is_no_moderator_or_not_in_the_room_commands_nothing()
    {
        var world = new World();
        var (_, bob) = ModeratorAndOther(world);
        bob.Sends("<message to='avmoderation.meet.jitsi' id='1'><av_moderation enable='true' mediaType='audio'/></message>");
        bob.Receives("<message type='error' id='1'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        bob.Sends("<message to='endconference.meet.jitsi' id='2'><end_conference/></message>");
        bob.Receives("<message type='error' id='2'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        var stranger = world.Connects();
        stranger.Sends("<message to='endconference.meet.jitsi' id='3'><end_conference/></message>");
        stranger.Receives("<message type='error' id='3'/>");
        Assert.True(world.HasRoom(Call));
    }

    [Fact]
    public void A_moderator_ends_the_meeting_for_all_with_the_words_that_clients_know()
    {
        var world = new World();
        var (ann, bob) = ModeratorAndOther(world);
        ann.Sends("<message to='endconference.meet.jitsi'><end_conference/></message>");
        bob.Receives("<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy missing='jid'><reason>The meeting has been terminated</reason></destroy></x></presence>");
        Assert.False(world.HasRoom(Call));
    }

    [Fact]
    public void Speaking_time_is_told_to_who_comes_later_and_kept_for_who_left()
    {
        var world = new World();
        var (ann, bob) = ModeratorAndOther(world);
        bob.Sends($"<presence to='{Call}/{bob.Nick}'><nick xmlns='http://jabber.org/protocol/nick'>Bob</nick></presence>");
        bob.Sends($"<message to='speakerstats.meet.jitsi'><speakerstats xmlns='http://jitsi.org/jitmeet' room='{Call}' silence='false'/></message>");
        world.Passes(TimeSpan.FromSeconds(3));
        ann.Sends($"<message to='speakerstats.meet.jitsi'><speakerstats xmlns='http://jitsi.org/jitmeet' room='{Call}' silence='true'/></message>");
        world.Passes(TimeSpan.FromSeconds(5));
        bob.Sends($"<presence type='unavailable' to='{Call}/{bob.Nick}'/>");
        var users = Json(world.Enters().Eventually("<message from='speakerstats.meet.jitsi'/>")).GetProperty("users");
        Assert.Equal((3000L, "Bob"), (users.GetProperty(bob.Nick).GetProperty("totalDominantSpeakerTime").GetInt64(), users.GetProperty(bob.Nick).GetProperty("displayName").GetString()));
        Assert.Equal(0, users.GetProperty(ann.Nick).GetProperty("totalDominantSpeakerTime").GetInt64());
    }

    [Fact]
    public void Polls_are_made_answered_and_told_to_joiners()
    {
        var world = new World();
        var (ann, bob) = ModeratorAndOther(world);
        ann.Sends("<message type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"p\",\"question\":\"Q\",\"answers\":[{\"name\":\"A\"},{\"name\":\"B\"}]}</json-message></message>");
        Assert.Equal(ann.Nick, Json(bob.Receives("<message from='polls.meet.jitsi'/>")).GetProperty("senderId").GetString());
        ann.Receives("<message from='polls.meet.jitsi'/>");
        const string Vote = "<message type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"polls\",\"command\":\"answer-poll\",\"pollId\":\"p\",\"answers\":[false,true]}</json-message></message>";
        bob.Sends(Vote);
        Assert.Equal(bob.Nick, Json(ann.Receives("<message from='polls.meet.jitsi'/>")).GetProperty("senderId").GetString());
        bob.Sends(Vote);
        ann.ReceivesNothing();
        var poll = Json(world.Enters().Eventually("<message from='polls.meet.jitsi'/>")).GetProperty("polls")[0];
        Assert.Equal(bob.Nick, poll.GetProperty("answers")[1].GetProperty("voters")[0].GetProperty("id").GetString());
        ann.Forgets();
        ann.Sends("<message type='chat' id='x' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"p\",\"question\":\"Q\",\"answers\":[{\"name\":\"A\"}]}</json-message></message>");
        ann.Receives("<message type='error' id='x'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Poll already exists</text></error></message>");
    }

    [Fact]
    public void A_claimed_identity_is_taken_out_and_the_vouched_one_put_in()
    {
        var world = new World();
        var bob = world.Enters();
        world.Admission = new TokenAdmission();
        bob.Forgets();
        var ann = world.Enters(token: "t", extra: "<identity><user><name>Boss</name></user></identity><nick xmlns='http://jabber.org/protocol/nick'>Fake</nick>");
        var presence = bob.Receives($"<presence from='{Call}/{ann.Nick}'><identity><user><id>u1</id><name>Ann Lee</name><moderator>true</moderator></user></identity></presence>");
        Assert.Single(presence.Children("identity"));
        Assert.Equal("Ann Lee", presence.Child("nick", Namespaces.Nick)!.Text);
        world.Admission = new AnonymousAdmission(world.Features.Domains);
        bob.Sends($"<presence to='{Call}/{bob.Nick}'><identity><user><name>Boss</name></user></identity></presence>");
        bob.Receives("<presence missing='identity'/>");
    }

    [Fact]
    public void The_region_of_the_edge_is_added_where_the_client_names_none()
    {
        var world = new World();
        var bob = world.Enters();
        bob.Forgets();
        var ann = world.Connects(region: "eu");
        ann.Joins(Call);
        bob.Receives("<presence><jitsi_participant_region>eu</jitsi_participant_region></presence>");
        ann.Sends($"<presence to='{Call}/{ann.Nick}'><jitsi_participant_region>us</jitsi_participant_region></presence>");
        Assert.Single(bob.Receives("<presence><jitsi_participant_region>us</jitsi_participant_region></presence>").Children("jitsi_participant_region"));
    }

    [Fact]
    public void Recording_and_dialling_out_need_a_permission_and_headers_are_cleaned()
    {
        var world = new World();
        var (ann, bob) = ModeratorAndOther(world);
        const string Record = "<jibri xmlns='http://jitsi.org/protocol/jibri' action='start' recording_mode='file'/>";
        bob.Sends($"<iq type='set' id='r' to='{Call}/focus'>{Record}</iq>");
        bob.Receives("<iq type='error' id='r'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.Sends($"<iq type='set' id='r' to='{Call}/focus'>{Record}</iq>");
        world.Focus.Eventually($"<iq type='set' id='r' from='{Call}/{ann.Nick}'>{Record}</iq>");
        ann.Sends($"<iq type='set' id='d' to='{Call}/focus'><dial xmlns='urn:xmpp:rayo:1' to='+1'><header name='X-Evil' value='1'/><header name='JvbRoomName' value='{Call}'/></dial></iq>");
        var dial = world.Focus.Eventually("<iq type='set' id='d'/>").Stanza.Child("dial")!;
        Assert.Equal("JvbRoomName", Assert.Single(dial.Children("header"))["name"]);
        ann.Sends($"<iq type='set' id='e' to='{Call}/focus'><dial xmlns='urn:xmpp:rayo:1' to='+1'><header name='JvbRoomName' value='other@muc.meet.jitsi'/></dial></iq>");
        ann.Eventually("<iq type='error' id='e'/>");
    }

    private static (Client Moderator, Client Other) ModeratorAndOther(World world)
    {
        var ann = world.Enters();
        var bob = world.Enters();
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        bob.Forgets();
        world.Focus.Forgets();
        return (ann, bob);
    }

    private static JsonElement Json(XmppElement message) => JsonDocument.Parse(message.Child("json-message", Namespaces.JitMeet)!.Text).RootElement;

    private sealed class TokenAdmission : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) => ValueTask.FromResult<AdmissionResult>(new AdmissionResult.Admitted("", new SessionContext
        {
            Identity = "u1",
            UserContext = "{\"id\":\"u1\",\"name\":\"Ann Lee\",\"moderator\":true,\"bad name\":\"x\",\"nested\":{}}",
            Features = "{\"name-readonly\":\"true\"}",
        }));
    }
}

using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Addresses: of focus, of rooms in any encoding, of sessions on other nodes; and what is told while auth is away.</summary>
public sealed class RoutingTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Theory]
    [InlineData("focus.meet.jitsi")]
    [InlineData("focus@auth.meet.jitsi")]
    [InlineData("focus@auth.meet.jitsi/focus")]
    [InlineData("FOCUS@auth.meet.jitsi/other")]
    public void Focus_is_asked_at_any_of_its_addresses_and_answers_from_that(string address)
    {
        var world = new World();
        var ann = world.Connects();
        ann.Sends($"<iq type='set' id='c' to='{address}'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}'/></iq>");
        ann.Receives($"<iq type='result' id='c' from='{address}'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' ready='true'/></iq>");
        ann.Joins(Call);
        ann.Eventually($"<presence from='{Call}/{ann.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
        ann.Forgets();
        world.Focus.Answers = false;
        ann.Sends($"<iq type='set' id='d' to='{address}'><conference xmlns='http://jitsi.org/protocol/focus' room='silent@muc.meet.jitsi'/></iq>");
        world.Passes(SignallingLimits.ConferenceRequestTime);
        ann.Receives($"<iq type='result' id='d' from='{address}'><conference xmlns='http://jitsi.org/protocol/focus' ready='false'/></iq>");
        ann.Sends($"<iq type='get' id='p' to='{address}'><ping xmlns='urn:xmpp:ping'/></iq>");
        ann.Receives($"<iq type='result' id='p' from='{address}'/>");
    }

    [Theory]
    [InlineData("jvbbrewery@internal-muc.meet.jitsi")]
    [InlineData("JVBbrewery@Internal-MUC.meet.jitsi")]
    [InlineData("call@lobby.meet.jitsi")]
    [InlineData("call@meet.jitsi")]
    public void A_conference_is_in_a_room_for_conferences(string room)
    {
        var world = new World();
        var ann = world.Connects();
        foreach (var to in (string[])["focus.meet.jitsi", "focus@auth.meet.jitsi"])
        {
            ann.Sends($"<iq type='set' id='c' to='{to}'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}'/></iq>");
            ann.Receives("<iq type='error' id='c'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        }

        Assert.False(world.HasRoom(room.ToLowerInvariant()));
    }

    [Theory]
    [InlineData("räum", null, "r%c3%a4um@muc.meet.jitsi")]
    [InlineData("RÄUM", null, "r%c3%a4um@muc.meet.jitsi")]
    [InlineData("r%C3%A4um", null, "r%c3%a4um@muc.meet.jitsi")]
    [InlineData("r%c3%a4um", null, "r%c3%a4um@muc.meet.jitsi")]
    [InlineData("räum", null, "räum@muc.meet.jitsi")]
    [InlineData("call", "täm", "call@muc.t%c3%a4m.meet.jitsi")]
    [InlineData("call", "t%C3%A4m", "call@muc.t%c3%a4m.meet.jitsi")]
    [InlineData("other", null, "call@muc.meet.jitsi")]
    [InlineData(null, null, "call@muc.meet.jitsi")]
    public void A_components_command_is_about_the_room_that_the_session_is_in(string? urlRoom, string? urlTenant, string room)
    {
        var world = new World();
        var ann = world.Connects(urlRoom, urlTenant);
        if (!Jid.TryParse(room, out var named)) return;
        var stored = world.Features.Domains.ToStored(named).ToString();
        ann.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{room}'/></iq>");
        ann.Joins(room);
        world.Focus.MakesOwner(stored, ann.BareJid);
        ann.Forgets();
        ann.Sends("<message to='avmoderation.meet.jitsi' id='m'><av_moderation enable='true' mediaType='audio'/></message>");
        ann.Eventually("<message from='avmoderation.meet.jitsi'/>");
        Assert.DoesNotContain(ann.Inbox, stanza => stanza["type"] == "error");
        ann.Forgets();
        ann.Sends("<message to='metadata.meet.jitsi' id='o'><room_metadata xmlns='http://jitsi.org/jitmeet' room='elsewhere@muc.meet.jitsi'>{}</room_metadata></message>");
        ann.Receives("<message type='error' id='o'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Theory]
    [InlineData("räum")]
    [InlineData("RÄUM")]
    [InlineData("r%C3%A4um")]
    public void Who_has_not_joined_asks_about_the_lobby_of_the_room_that_its_url_means(string urlRoom)
    {
        var world = new World();
        const string Room = "r%c3%a4um@muc.meet.jitsi";
        var ann = world.Enters(Room);
        world.Focus.MakesOwner(Room, ann.BareJid);
        ann.Sends($"<iq type='set' id='l' to='{Room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
        var bob = world.Connects(urlRoom);
        bob.Sends("<iq type='get' id='d' to='lobby.meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info' node='lobbyrooms'/></iq>");
        Assert.Contains("#displayname_required", bob.Receives("<iq type='result' id='d'/>").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_form_in_an_address_is_the_clients_and_encoding_it_again_changes_nothing()
    {
        foreach (var (name, expected) in ((string, string)[])[("Call", "call"), ("räum", "r%c3%a4um"), ("r%c3%a4um", "r%c3%a4um"), ("a b", "a%20b"), ("it(s)!*", "it(s)!*"), ("100%", "100%25"), ("ＡＢ", "ab"), ("x_y-z.~", "x_y-z.~")])
        {
            Assert.Equal(expected, RoomName.InAddress(name));
            Assert.Equal(expected, RoomName.InAddress(expected));
        }

        Assert.Equal("\ud83d", RoomName.Plain("\ud83d"));
    }

    [Fact]
    public void A_real_address_reaches_who_is_in_the_same_room_on_any_node_and_no_stranger()
    {
        var world = new World(nodes: 2);
        var ann = world.Enters(node: 0);
        var bob = world.Enters(node: 1);
        var stranger = world.Connects("elsewhere", node: 1);
        foreach (var client in (Client[])[ann, bob, stranger]) client.Forgets();
        ann.Sends($"<message type='chat' id='m' to='{bob.FullJid}'><body>hi</body><delay xmlns='urn:xmpp:delay'/></message>");
        bob.Receives($"<message type='chat' id='m' from='{ann.FullJid}' missing='delay'><body>hi</body></message>");
        ann.Sends($"<iq type='get' id='q' to='{bob.FullJid}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        bob.Receives($"<iq type='get' id='q' from='{ann.FullJid}' to='{bob.FullJid}'/>");
        bob.Sends($"<iq type='result' id='q' to='{ann.FullJid}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        ann.Receives($"<iq type='result' id='q' from='{bob.FullJid}'/>");
        foreach (var to in (string[])[stranger.FullJid, "nobody@meet.jitsi/r", bob.BareJid, "nobody@meet.jitsi"])
        {
            ann.Sends($"<iq type='get' id='x' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>");
            ann.Receives($"<iq type='error' id='x' from='{to}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
            ann.ReceivesNothing();
        }

        stranger.Sends($"<message id='s' to='{ann.FullJid}'><body>spam</body></message>");
        stranger.Receives("<message type='error' id='s'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        ann.ReceivesNothing();
        bob.ReceivesNothing();
    }

    [Fact]
    public void A_request_that_a_lost_session_never_took_is_bounced_to_a_real_address_too()
    {
        var world = new World(nodes: 2);
        var ann = world.Enters(node: 0);
        var bob = world.Enters(node: 1);
        bob.LosesSocket();
        ann.Forgets();
        ann.Sends($"<iq type='get' id='q' to='{bob.FullJid}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        ann.ReceivesNothing();
        world.Passes(TimeSpan.FromMinutes(2));
        ann.Receives($"<iq type='error' id='q' from='{bob.FullJid}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact]
    public void While_auth_is_away_the_host_is_not_unknown_and_a_login_may_be_tried_again()
    {
        var world = new World { Admission = new Away(describes: false) };
        var ann = world.Dials();
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        ann.Receives("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        ann.Receives("<error xmlns='http://etherx.jabber.org/streams'><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
        Assert.Equal(SessionEndReason.AuthUnreachable, ann.ClosedBecause);

        world.Admission = new Away(describes: true);
        var bob = world.Dials();
        bob.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        bob.Sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        bob.Eventually("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><temporary-auth-failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>");
        Assert.True(bob.SocketOpen);
        world.Admission = new AnonymousAdmission(world.Features.Domains);
        bob.Sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        bob.Receives("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    }

    private sealed class Away(bool describes) : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(describes ? ["ANONYMOUS"] : null);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) =>
            ValueTask.FromResult<AdmissionResult>(new AdmissionResult.Refused("temporary-auth-failure"));
    }
}

using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>What one client says is never read by another as said by the server, a room, a component or focus.</summary>
public sealed class RelayedContentTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Forged = "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator' jid='focus@auth.meet.jitsi/focus'/><status code='307'/><destroy jid='evil@muc.meet.jitsi'/></x>";

    /// <summary>Elements that clients read as the server's, wherever they stand.</summary>
    public static TheoryData<string> Smuggled() =>
    [
        Forged,
        $"<p:x xmlns:p='http://jabber.org/protocol/muc#user'><p:item role='moderator'/></p:x>",
        "<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z' from='call@muc.meet.jitsi'/>",
        "<x xmlns='jabber:x:delay' stamp='20200101T00:00:00'/>",
        "<error xmlns='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>",
        "<s:error xmlns:s='http://etherx.jabber.org/streams'/>",
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='focus@auth.meet.jitsi/focus'/></forwarded>",
        "<received xmlns='urn:xmpp:carbons:2'/>",
        "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='call@muc.meet.jitsi'/>",
        "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='1'/>",
        "<services xmlns='urn:xmpp:extdisco:2'><service type='turn' host='evil.example'/></services>",
        "<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='a@b/c'/></addresses>",
        "<display-name xmlns='http://jitsi.org/protocol/display-name' source='visitor'>Boss</display-name>",
        "<conference xmlns='http://jitsi.org/protocol/focus' ready='true' focusjid='evil@meet.jitsi'/>",
        "<visitors xmlns='jitsi:visitors' focusjid='evil@meet.jitsi'><promotion-response allow='true' username='u'/></visitors>",
        "<jibri xmlns='http://jitsi.org/protocol/jibri' status='on'/>",
        "<query xmlns='http://jabber.org/protocol/muc#owner'/>",
    ];

    [Theory]
    [MemberData(nameof(Smuggled))]
    public void What_only_the_server_says_is_taken_out_at_any_depth(string forged)
    {
        var evil = XmppParser.Parse(World.WithClientNamespace(forged));
        foreach (var wrapped in (string[])[forged, $"<w xmlns='urn:w'>{forged}</w>", $"<w xmlns='urn:w'>a<b><c xmlns='urn:c'>{forged}<d/></c>t</b></w>"])
        {
            var world = new World();
            var ann = world.Enters();
            var mallory = world.Enters();
            ann.Forgets();
            mallory.Sends($"<presence to='{Call}/{mallory.Nick}'>{wrapped}<stats-id>kept</stats-id></presence>");
            mallory.Sends($"<message type='groupchat' to='{Call}'>{wrapped}<body>kept</body></message>");
            mallory.Sends($"<message type='chat' to='{Call}/{ann.Nick}'>{wrapped}<body>kept</body></message>");
            mallory.Sends($"<iq type='set' id='1' to='{Call}/{ann.Nick}'><jingle xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'>{wrapped}</jingle></iq>");
            mallory.Sends($"<iq type='result' id='2' to='{Call}/{ann.Nick}'><y xmlns='urn:y'>{wrapped}</y></iq>");
            mallory.Sends($"<iq type='error' id='3' to='{Call}/{ann.Nick}'><error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>{wrapped}</error></iq>");
            mallory.Sends($"<presence type='unavailable' to='{Call}/{mallory.Nick}'>{wrapped}<status>bye</status></presence>");
            Assert.Equal(7, ann.Inbox.Count);
            foreach (var stanza in ann.Inbox) AssertNothingForged(stanza, evil, mallory);
            Assert.Equal("kept", ann.Inbox[0].Child("stats-id")!.Text);
            Assert.All(ann.Inbox.Skip(1).Take(2), message => Assert.Equal("kept", message.Child("body")!.Text));
            Assert.Equal("bye", ann.Inbox[6].Child("status", Namespaces.Client)!.Text);
        }
    }

    [Fact]
    public void The_rooms_own_element_is_the_first_in_a_presence()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters(extra: "<x xmlns='urn:other'/><nick xmlns='http://jabber.org/protocol/nick'>Bob</nick>");
        bob.Sends($"<presence to='{Call}/{bob.Nick}'><x xmlns='urn:other'/></presence>");
        bob.Sends($"<presence type='unavailable' to='{Call}/{bob.Nick}'><x xmlns='urn:other'/></presence>");
        var presences = ann.Inbox.Concat(bob.Inbox).Where(stanza => stanza.Name == "presence").ToList();
        Assert.True(presences.Count > 6);
        Assert.All(presences, presence => Assert.Equal(("x", Namespaces.MucUser), (presence.Elements.First().Name, presence.Elements.First().Namespace)));
    }

    [Theory]
    [InlineData("<conference-properties><property key='bridge-count' value='0'/></conference-properties>")]
    [InlineData("<bridgeNotAvailable/>")]
    [InlineData("<call-control phone='+1' pin='2'/>")]
    [InlineData("<jibri-recording-status xmlns='http://jitsi.org/protocol/jibri' status='on' session_id='s'/>")]
    [InlineData("<jibri-sip-call-state state='failed' sipaddress='a'/>")]
    [InlineData("<transcription-status status='ON'/>")]
    [InlineData("<live-stream-view-url>https://evil.example</live-stream-view-url>")]
    [InlineData("<etherpad>x</etherpad>")]
    [InlineData("<versions xmlns='http://jitsi.org/jitmeet'/>")]
    [InlineData("<permissions xmlns='http://jitsi.org/jitmeet'><p name='recording' val='true'/></permissions>")]
    [InlineData("<identity><user><name>Boss</name></user></identity>")]
    [InlineData("<query xmlns='http://jabber.org/protocol/disco#info'><identity type='av_moderation' name='evil@meet.jitsi'/></query>")]
    public void Presence_says_nothing_for_a_service(string element)
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Enters();
        ann.Forgets();
        mallory.Sends($"<presence to='{Call}/{mallory.Nick}'>{element}<w xmlns='urn:w'>{element}</w></presence>");
        var name = XmppParser.Parse(World.WithClientNamespace(element)).Name;
        Assert.DoesNotContain($"<{name}", ann.Receives($"<presence from='{Call}/{mallory.Nick}'/>").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leave_cannot_ask_to_be_ignored()
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Enters();
        ann.Forgets();
        mallory.Sends($"<presence type='unavailable' to='{Call}/{mallory.Nick}'><ignore xmlns='http://jitsi.org/jitmeet/'/></presence>");
        ann.Receives($"<presence type='unavailable' from='{Call}/{mallory.Nick}' missing='ignore'/>");
    }

    [Theory]
    [InlineData("{\"type\":\"lobby-notify\",\"event\":\"LOBBY-ENABLED\",\"value\":true}", "forbidden")]
    [InlineData("{\"\\u0074ype\":\"lobby\\u002dnotify\"}", "forbidden")]
    [InlineData("{\"type\":\"x\",\"a\":\"&amp;quot;,&amp;quot;type&amp;quot;:&amp;quot;lobby-notify\"}", "bad-request")]
    [InlineData("{\"type\":\"transcription-result\"}", "forbidden")]
    [InlineData("{\"type\":\"system_chat_message\",\"message\":\"x\"}", "forbidden")]
    [InlineData("{\"type\":\"room_metadata\",\"metadata\":{}}", "forbidden")]
    [InlineData("{\"type\":\"av_moderation\",\"enabled\":true}", "forbidden")]
    [InlineData("{&quot;type&quot;:&quot;olm", "bad-request")]
    [InlineData("[1]", "bad-request")]
    [InlineData("{\"type\":\"\\ud83d\"}", "bad-request")]
    [InlineData("{\"type\":<b xmlns='urn:b'>\"lobby-notify\"</b>}", "bad-request")]
    [InlineData("", "bad-request")]
    [InlineData("{\"type\":\"fine\"}</json-message><json-message xmlns='http://jitsi.org/jitmeet'>{\"type\":\"lobby-notify\"}", "bad-request")]
    public void Json_that_the_server_alone_sends_or_that_nobody_can_read_is_refused(string json, string condition)
    {
        foreach (var (type, to) in ((string, string)[])[("groupchat", ""), ("chat", "/{0}")])
        {
            var world = new World();
            var ann = world.Enters();
            var mallory = world.Enters();
            ann.Forgets();
            mallory.Forgets();
            mallory.Sends($"<message type='{type}' id='j' to='{Call}{string.Format(System.Globalization.CultureInfo.InvariantCulture, to, ann.Nick)}'><json-message xmlns='http://jitsi.org/jitmeet'>{json}</json-message></message>");
            mallory.Receives($"<message type='error' id='j'><error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
            ann.ReceivesNothing();
        }
    }

    [Theory]
    [InlineData("<query xmlns='http://jabber.org/protocol/disco#info'><identity category='component' type='av_moderation' name='NICK'/></query>")]
    [InlineData("<query xmlns='urn:any'><identity category='component' type='polls' name='NICK'/></query>")]
    [InlineData("<services xmlns='urn:any'><service type='turn' host='evil'/></services>")]
    [InlineData("<delay xmlns='urn:any' stamp='2020-01-01T00:00:00Z'/>")]
    [InlineData("<subject xmlns='urn:any'>mine</subject>")]
    [InlineData("<subject>mine</subject>")]
    [InlineData("<translation-listeners>[]</translation-listeners>")]
    [InlineData("<nick xmlns='urn:any'>Boss</nick>")]
    public void A_message_announces_nothing_by_the_local_names_that_clients_look_for(string element)
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Enters();
        ann.Forgets();
        var name = XmppParser.Parse(World.WithClientNamespace(element)).Name;
        mallory.Sends($"<message type='groupchat' to='{Call}'><body>b</body>{element}</message>");
        mallory.Sends($"<message type='chat' to='{Call}/{ann.Nick}'><body>b</body>{element}</message>");
        ann.Receives($"<message type='groupchat' missing='{name}'><body>b</body></message>");
        ann.Receives($"<message type='chat' missing='{name}'><body>b</body></message>");
    }

    [Theory]
    [InlineData("<visitors xmlns='jitsi:visitors'><promotion-response allow='true'/></visitors>")]
    [InlineData("<mute xmlns='http://jitsi.org/jitmeet/audio'>true</mute>")]
    [InlineData("<services xmlns='urn:xmpp:extdisco:2'/>")]
    public void A_request_that_only_services_make_is_refused_between_clients(string payload)
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Enters();
        ann.Forgets();
        mallory.Sends($"<iq type='set' id='v' to='{Call}/{ann.Nick}'>{payload}</iq>");
        mallory.Eventually("<iq type='error' id='v'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.ReceivesNothing();
    }

    [Fact]
    public void What_genuine_clients_say_passes_as_it_is()
    {
        const string Presence = "<stats-id>Quinn</stats-id><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://jitsi.org/jitsi-meet' ver='v'/><features><feature var='https://jitsi.org/meet/e2ee'/></features>"
            + "<jitsi_participant_region>eu</jitsi_participant_region><jitsi_participant_e2ee.idKey.ed25519>k</jitsi_participant_e2ee.idKey.ed25519><nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>"
            + "<SourceInfo>{\"a-a0\":{\"muted\":true}}</SourceInfo><videomuted>true</videomuted><startmuted xmlns='http://jitsi.org/jitmeet/start-muted' audio='true'/><shared-video from='x'>u</shared-video><status>s</status>";
        const string Jingle = "<jingle xmlns='urn:xmpp:jingle:1' action='content-modify' sid='s'><content name='video' senders='both'><source-frame-height xmlns='http://jitsi.org/jitmeet/video' maxHeight='180'/></content>"
            + "<json-message xmlns='http://jitsi.org/jitmeet'>{\"sources\":{}}</json-message><source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='1'><ssrc-info xmlns='http://jitsi.org/jitmeet' owner='o'/></source></jingle>";
        const string Olm = "<json-message xmlns='http://jitsi.org/jitmeet'>{\"olm\":{\"type\":\"key-info\",\"data\":\"&amp; &lt;\"},\"type\":\"olm\"}</json-message>";
        const string Reaction = "<reactions xmlns='urn:xmpp:reactions:0' id='m'><reaction>👍</reaction></reactions><store xmlns='urn:xmpp:hints'/>";
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Forgets();
        bob.Sends($"<presence to='{Call}/{bob.Nick}'>{Presence}</presence>");
        bob.Sends($"<iq type='set' id='1' to='{Call}/{ann.Nick}'>{Jingle}</iq>");
        bob.Sends($"<iq type='get' id='2' to='{Call}/{ann.Nick}'><query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>");
        bob.Sends($"<message type='chat' to='{Call}/{ann.Nick}'>{Olm}</message>");
        bob.Sends($"<message type='groupchat' to='{Call}'>{Reaction}</message>");
        foreach (var said in (string[])[Presence, Jingle, "<query xmlns='http://jabber.org/protocol/disco#info' node='n'/>", Olm, Reaction])
        {
            var stanza = ann.Inbox[0];
            ann.Receives(stanza.ToString());
            var expected = XmppParser.Parse($"<{stanza.Name} xmlns='jabber:client'>{said}</{stanza.Name}>").ToString();
            var content = expected[(expected.IndexOf('>', StringComparison.Ordinal) + 1)..expected.LastIndexOf('<')];
            Assert.Contains(content, stanza.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_private_message_is_marked_as_one_whatever_its_type()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Forgets();
        foreach (var type in (string[])["", " type='normal'", " type='headline'"]) bob.Sends($"<message{type} to='{Call}/{ann.Nick}'><body>psst</body></message>");
        for (var i = 0; i < 3; i++) ann.Receives($"<message type='chat' from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'/><body>psst</body></message>");
    }

    private static void AssertNothingForged(XmppElement stanza, XmppElement forged, Client mallory)
    {
        foreach (var element in Descendants(stanza))
        {
            var isRooms = element.Namespace == Namespaces.MucUser && forged.Namespace == Namespaces.MucUser;
            if (isRooms) Assert.DoesNotContain(element.Attributes, attribute => attribute.Value is "focus@auth.meet.jitsi/focus" or "307" or "moderator");
            else Assert.False(element.Name == forged.Name && element.Namespace == forged.Namespace, $"{mallory.Nick}: {stanza}");
        }
    }

    private static IEnumerable<XmppElement> Descendants(XmppElement element) => element.Elements.SelectMany(child => Descendants(child).Prepend(child));
}

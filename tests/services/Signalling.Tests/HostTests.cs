using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>What the hosts answer, and what is refused (signalling reference, sections 1.7, 2, 10).</summary>
public sealed class HostTests
{
    [Fact]
    public void What_is_switched_off_is_not_offered_and_does_nothing()
    {
        var world = new World(options => (options.AvModeration, options.EndConference) = (false, false));
        var ann = world.Enters();
        world.Focus.MakesOwner("call@muc.meet.jitsi", ann.BareJid);
        var features = new SignallingFeatures(new SignallingOptions { AvModeration = false, EndConference = false });

        Assert.DoesNotContain(features.Components, component => component.Type is "av_moderation" or "end_conference");
        ann.Sends("<message to='endconference.meet.jitsi' id='1'><end_conference/></message>");
        ann.Sends("<message to='avmoderation.meet.jitsi' id='2'><av_moderation enable='true' mediaType='audio'/></message>");
        Assert.NotNull(world.Room("call@muc.meet.jitsi"));
        Assert.Null(world.Room("call@muc.meet.jitsi").Module<Modules.AvModeration.AvModerationModule>());
        Assert.DoesNotContain(ann.Inbox, stanza => stanza["from"] == "avmoderation.meet.jitsi" && stanza["type"] != "error");
    }

    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public void A_guest_pings_the_main_domain_and_gets_a_result()
    {
        var ann = new World().Connects(host: "guest.meet.jitsi");
        ann.Sends("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        ann.Receives("<iq type='result' id='p' from='meet.jitsi'/>");
    }

    [Fact]
    public void The_main_domain_names_its_components()
    {
        var ann = new World().Connects();
        ann.Sends("<iq type='get' id='d' to='meet.jitsi'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var query = ann.Receives("<iq type='result' id='d' from='meet.jitsi'/>").Child("query")!;
        var components = query.Children("identity").Where(identity => identity["category"] == "component").ToDictionary(identity => identity["type"]!, identity => identity["name"]!);
        Assert.Equal("avmoderation.meet.jitsi", components["av_moderation"]);
        Assert.Equal("metadata.meet.jitsi", components["room_metadata"]);
        Assert.Equal("speakerstats.meet.jitsi", components["speakerstats"]);
        Assert.Equal("endconference.meet.jitsi", components["end_conference"]);
        Assert.Contains(query.Children("feature"), feature => feature["var"] == "urn:xmpp:ping");
    }

    [Fact]
    public void Turn_servers_come_with_credentials_of_the_shared_secret()
    {
        var world = new World(options =>
        {
            options.ExternalServiceSecret = "secret";
            options.ExternalServices.Add(new ExternalServiceOptions { Type = "turns", Host = "turn.example", Port = 443, Transport = "tcp" });
            options.ExternalServices.Add(new ExternalServiceOptions { Type = "stun", Host = "stun.example" });
        });
        var ann = world.Connects();
        ann.Sends("<iq type='get' id='t' to='meet.jitsi'><services xmlns='urn:xmpp:extdisco:2'/></iq>");
        ann.Receives("""
            <iq type='result' id='t'><services xmlns='urn:xmpp:extdisco:2'>
              <service xmlns='urn:xmpp:extdisco:2' type='turns' host='turn.example' port='443' transport='tcp' username='1787648400' password='eqiOIQ+lB61uVfJ4fKXXN5Q+RYg=' expires='2026-08-25T09:00:00Z' restricted='1'/>
              <service xmlns='urn:xmpp:extdisco:2' type='stun' host='stun.example' missing='username'/>
            </services></iq>
            """);
    }

    [Fact]
    public void No_turn_servers_is_an_answer_too()
    {
        var ann = new World().Connects();
        ann.Sends("<iq type='get' id='t' to='meet.jitsi'><services xmlns='urn:xmpp:extdisco:2'/></iq>");
        ann.Receives("<iq type='result' id='t'><services xmlns='urn:xmpp:extdisco:2'/></iq>");
    }

    [Fact]
    public void What_nobody_answers_gets_an_error_and_a_foreign_domain_too()
    {
        var ann = new World().Connects();
        ann.Sends("<iq type='get' id='1' to='meet.jitsi'><query xmlns='jabber:iq:private'/></iq>");
        ann.Receives("<iq type='error' id='1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.Sends("<iq type='get' id='2' to='elsewhere.org'><ping xmlns='urn:xmpp:ping'/></iq>");
        ann.Receives("<iq type='error' id='2'><error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.Sends("<iq type='get' id='3' to='a@@b'><ping xmlns='urn:xmpp:ping'/></iq>");
        ann.Receives("<iq type='error' id='3'><error type='modify'><jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.Sends("<iq type='result' id='4' to='elsewhere.org'/>");
        ann.ReceivesNothing();
    }

    [Fact]
    public void One_session_can_be_in_so_many_rooms_and_no_more()
    {
        var world = new World();
        var ann = world.Connects();
        for (var i = 0; i <= SignallingLimits.RoomsOfSession; i++)
        {
            world.Focus.Enters($"r{i}@muc.meet.jitsi");
            ann.Joins($"r{i}@muc.meet.jitsi");
        }

        ann.Eventually($"<presence type='error' from='r{SignallingLimits.RoomsOfSession}@muc.meet.jitsi/{ann.Nick}'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        Assert.Equal(SignallingLimits.RoomsOfSession, ann.Session.Rooms.Count);
    }

    [Fact]
    public void Rooms_that_a_session_was_put_out_of_or_kept_out_of_count_no_longer()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Connects();
        world.Focus.MakesOwner(Call, ann.BareJid);
        for (var i = 0; i < SignallingLimits.RoomsOfSession; i++)
        {
            bob.Joins(Call);
            ann.Sends($"<iq type='set' id='k{i}' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item nick='{bob.Nick}' role='none'/></query></iq>");
            Assert.Empty(bob.Session.Rooms);
            bob.Joins($"nowhere{i}@muc.meet.jitsi");
            Assert.Empty(bob.Session.Rooms);
        }

        Assert.DoesNotContain(bob.Inbox, stanza => stanza.ToString().Contains("resource-constraint", StringComparison.Ordinal));
        bob.Joins(Call);
        Assert.Single(bob.Session.Rooms);
    }

    [Fact]
    public void A_session_ends_in_a_room_that_it_joined_again_before_it_heard_of_its_kick()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        var outputs = new SessionOutputs();
        bob.Session.Deliver(OutboundFrame.Stanza(Xmpp.XmppParser.Parse($"<presence xmlns='jabber:client' type='unavailable' from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/><status code='110'/></x></presence>")), world.Now, outputs);
        Assert.Empty(bob.Session.Rooms);
        ann.Forgets();
        bob.Sends("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        ann.Eventually($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
    }

    [Fact]
    public void Who_sends_too_fast_is_read_more_slowly_and_no_stanza_is_refused()
    {
        var world = new World();
        var mallory = world.Connects();
        const string Ping = "<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>";
        for (var i = 0; i < SignallingLimits.StanzaBurst; i++) mallory.Sends(Ping);
        Assert.InRange(mallory.Session.Pause(world.Now), TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
        for (var i = 0; i < 100; i++)
        {
            mallory.Sends(Ping);
            var pause = mallory.Session.Pause(world.Now);
            Assert.InRange(pause, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(25));
            world.Passes(pause);
        }

        Assert.DoesNotContain(mallory.Inbox, stanza => stanza["type"] == "error");
    }

    [Fact]
    public void Requests_for_acknowledgements_are_slowed_down_too()
    {
        var world = new World();
        var mallory = world.Connects();
        for (var i = 0; i < SignallingLimits.StanzaBurst / SignallingLimits.ManagementCost; i++) mallory.Sends("<r xmlns='urn:xmpp:sm:3'/>");
        mallory.Sends("<r xmlns='urn:xmpp:sm:3'/>");
        Assert.True(mallory.Session.Pause(world.Now) > TimeSpan.Zero);
    }

    [Fact]
    public void Whoever_is_read_without_a_wait_is_cut_at_a_bound_and_others_go_on()
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Connects();
        for (var i = 0; i < SignallingLimits.StanzaBurst + SignallingLimits.StanzasAhead + 1 && mallory.SocketOpen; i++) mallory.Sends("<presence to='nowhere'/>");
        Assert.Equal(SessionEndReason.RateExceeded, mallory.ClosedBecause);
        ann.Forgets();
        ann.Sends("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        ann.Receives("<iq type='result' id='p'/>");
    }

    [Fact]
    public void Opening_a_session_after_binding_gets_an_empty_result()
    {
        var ann = new World().Connects();
        ann.Sends("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
        Assert.Empty(ann.Receives("<iq type='result' id='s'/>").Elements);
    }

    [Theory]
    [InlineData("<conference xmlns='http://jitsi.org/protocol/focus'/>", "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>")]
    [InlineData("<login-url xmlns='http://jitsi.org/protocol/focus'/>", "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>")]
    [InlineData("<conference xmlns='http://jitsi.org/protocol/focus' room='nobody'/>", "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>")]
    public void A_request_to_focus_without_a_room_is_refused_although_the_session_has_one(string request, string condition)
    {
        var ann = new World().Connects();
        ann.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'>{request}</iq>");
        ann.Receives($"<iq type='error' id='c'><error>{condition}</error></iq>");
    }

    [Fact]
    public void Who_waits_for_a_silent_focus_is_told_to_ask_again()
    {
        var world = new World();
        world.Focus.Answers = false;
        var ann = world.Connects();
        ann.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}'/></iq>");
        world.Passes(SignallingLimits.ConferenceRequestTime - TimeSpan.FromSeconds(1));
        ann.ReceivesNothing();
        world.Passes(TimeSpan.FromSeconds(1));
        ann.Receives($"<iq type='result' id='c' from='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' ready='false'/></iq>");
        world.Passes(TimeSpan.FromSeconds(60));
        ann.ReceivesNothing();
    }

    [Fact]
    public void Sockets_of_one_address_are_counted_until_they_are_authenticated()
    {
        var limiter = new AddressLimiter(new SignallingOptions());
        for (var i = 0; i < SignallingLimits.UnauthenticatedSocketsOfAddress; i++) Assert.True(limiter.TryEnter("a"));
        Assert.False(limiter.TryEnter("a"));
        Assert.True(limiter.TryEnter("b"));
        limiter.Authenticated("a");
        Assert.True(limiter.TryEnter("a"));
        Assert.False(limiter.TryEnter("a"));
        limiter.Leave("a", authenticated: true);
        for (var i = 0; i < SignallingLimits.UnauthenticatedSocketsOfAddress; i++) limiter.Leave("a", authenticated: false);
        limiter.Leave("b", authenticated: false);
        Assert.Equal(0, limiter.Addresses);
    }

    [Fact]
    public void All_sockets_of_one_address_are_bounded_unless_a_proxy_is_there()
    {
        var limiter = new AddressLimiter(new SignallingOptions { SocketsOfAddress = 3, TrustedNetworks = [System.Net.IPNetwork.Parse("10.1.0.0/16")] });
        foreach (var address in (string[])["192.0.2.1", "10.1.2.3"])
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.True(limiter.TryEnter(address));
                limiter.Authenticated(address);
            }
        }

        Assert.False(limiter.TryEnter("192.0.2.1"));
        Assert.True(limiter.TryEnter("10.1.2.3"));
        Assert.True(limiter.TryEnter("192.0.2.2"));
        limiter.Leave("192.0.2.1", authenticated: true);
        Assert.True(limiter.TryEnter("192.0.2.1"));
    }

    [Theory]
    [InlineData("fd00:1::5", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("fd00:1::6", false)]
    [InlineData("fd00:2::6", false)]
    [InlineData("::ffff:192.0.2.1", false)]
    public void A_proxy_is_known_by_its_whole_address(string text, bool trusted)
    {
        System.Net.IPNetwork[] networks = [System.Net.IPNetwork.Parse("fd00:1::5/128"), System.Net.IPNetwork.Parse("fd00:2::/128"), System.Net.IPNetwork.Parse("10.1.0.0/16")];
        var options = new SignallingOptions { SocketsOfAddress = 1, TrustedNetworks = networks };
        var limiter = new AddressLimiter(options);
        var key = ClientAddress.Key(System.Net.IPAddress.Parse(text), networks);

        Assert.True(limiter.TryEnter(key));
        Assert.Equal(trusted, limiter.TryEnter(key));
        Assert.Equal(trusted, ClientAddress.TagOf(key, options) is null);
    }

    [Fact]
    public void Clients_of_one_network_count_as_one() =>
        Assert.Equal(ClientAddress.Key(System.Net.IPAddress.Parse("2001:db8:1:2::5"), []), ClientAddress.Key(System.Net.IPAddress.Parse("2001:db8:1:2:3:4:5:6"), []));

    [Fact]
    public void One_session_may_ask_focus_so_often()
    {
        var world = new World();
        var mallory = world.Connects();
        for (var i = 0; i <= SignallingLimits.FocusRequestBurst; i++)
        {
            mallory.Sends($"<iq type='set' id='r{i}' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='r{i}@muc.meet.jitsi'/></iq>");
        }

        const string Room = "r{0}@muc.meet.jitsi";
        var last = string.Format(System.Globalization.CultureInfo.InvariantCulture, Room, SignallingLimits.FocusRequestBurst);
        mallory.Eventually($"<iq type='result' id='r{SignallingLimits.FocusRequestBurst}' from='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{last}' ready='false'/></iq>");
        mallory.Forgets();
        world.Passes(TimeSpan.FromSeconds(1));
        mallory.Sends("<iq type='set' id='later' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='later@muc.meet.jitsi'/></iq>");
        Assert.DoesNotContain(mallory.Inbox, stanza => stanza["id"] == "later" && stanza.ToString().Contains("ready=\"false\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Requests_without_a_login_are_paced_by_address()
    {
        var rates = new AddressRates();
        var now = MonotonicTime.Zero;
        for (var i = 0; i < SignallingLimits.AddressRequestBurst; i++) Assert.True(rates.TryTake("a", now));
        Assert.False(rates.TryTake("a", now));
        Assert.True(rates.TryTake("b", now));
        for (var i = 0; i < SignallingLimits.RememberedAddresses; i++) rates.TryTake($"c{i}", now);
        Assert.True(rates.TryTake("b", now));
        Assert.True(rates.TryTake("a", now + TimeSpan.FromSeconds(2)));
    }
}

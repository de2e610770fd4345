using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>What the hosts answer, and what is refused (signalling reference, sections 1.7, 2, 10).</summary>
public sealed class HostTests
{
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
    public void Who_sends_too_much_is_told_so_then_cut_and_others_go_on()
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Connects();
        for (var i = 0; i < SignallingLimits.StanzaBurst; i++) mallory.Sends("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        Assert.DoesNotContain(mallory.Inbox, stanza => stanza["type"] == "error");
        mallory.Forgets();
        mallory.Sends("<iq type='get' id='over' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        mallory.Receives("<iq type='error' id='over'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        world.Passes(TimeSpan.FromSeconds(1));
        mallory.Sends("<iq type='get' id='later' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        mallory.Receives("<iq type='result' id='later'/>");

        for (var i = 0; i < SignallingLimits.RefusedStanzas + SignallingLimits.StanzasPerSecond && mallory.SocketOpen; i++) mallory.Sends("<presence to='nowhere'/>");
        Assert.Equal(SessionEndReason.RateExceeded, mallory.ClosedBecause);
        ann.Forgets();
        ann.Sends("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        ann.Receives("<iq type='result' id='p'/>");
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

    [Fact]
    public void One_session_may_ask_focus_so_often()
    {
        var world = new World();
        var mallory = world.Connects();
        for (var i = 0; i <= SignallingLimits.FocusRequestBurst; i++)
        {
            mallory.Sends($"<iq type='set' id='r{i}' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='r{i}@muc.meet.jitsi'/></iq>");
        }

        const string Refused = "<error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
        mallory.Eventually($"<iq type='error' id='r{SignallingLimits.FocusRequestBurst}'>{Refused}</iq>");
        mallory.Forgets();
        world.Passes(TimeSpan.FromSeconds(1));
        mallory.Sends("<iq type='set' id='later' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='later@muc.meet.jitsi'/></iq>");
        Assert.DoesNotContain(mallory.Inbox, stanza => stanza["id"] == "later" && stanza["type"] == "error");
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

using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Stanzas that would grow, that are many octets, or that nobody answers: their sender alone notices.</summary>
public sealed class HostileStanzaTests
{
    private const string Call = "call@muc.meet.jitsi";

    public static TheoryData<string> Growing()
    {
        var uri = "urn:" + new string('u', XmppLimits.NamespaceCharacters - 4);
        return
        [
            $"<w xmlns:p='{uri}'>{string.Concat(Enumerable.Repeat("<p:a/>", 4_000))}</w>",
            $"<w xmlns:p='{uri}' xmlns:q='urn:q'>{string.Concat(Enumerable.Repeat("<p:a><q:b/></p:a>", 2_000))}</w>",
            $"<p:w xmlns:p='{uri}' xmlns='urn:d'>{string.Concat(Enumerable.Repeat("<b/>", 4_000))}</p:w>",
            $"<w a='{new string('"', 20_000)}'/>",
            $"<w><![CDATA[{new string('&', 20_000)}]]></w>",
            $"<w>{string.Concat(Enumerable.Repeat("<![CDATA[<]]><a/>", 2_000))}<b><![CDATA[{new string('<', 30_000)}]]></b></w>",
        ];
    }

    [Theory]
    [MemberData(nameof(Growing))]
    public void A_stanza_that_grows_is_refused_before_anything_comes_of_it(string content)
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Enters();
        ann.Forgets();
        mallory.Forgets();
        mallory.Sends($"<message type='groupchat' id='m' to='{Call}'><body>x</body>{content}</message>");
        mallory.Receives("<message type='error' id='m'><error type='modify'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        mallory.Sends($"<iq type='set' id='i' to='{Call}/{ann.Nick}'>{content}</iq>");
        mallory.Receives("<iq type='error' id='i'><error type='modify'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        mallory.Sends($"<presence type='unavailable' to='{Call}/{mallory.Nick}'>{content}</presence>");
        ann.ReceivesNothing();
        Assert.Contains(mallory.Session.Rooms.Keys, room => room == Call);
        Assert.All(world.Effects, effect => Assert.Equal("amplification", Assert.IsType<StanzaRefused>(effect).Reason));
        Assert.Equal(3, world.Effects.Count);
        ann.Sends($"<message type='groupchat' to='{Call}'><body>y</body></message>");
        mallory.Eventually($"<message from='{Call}/{ann.Nick}'><body>y</body></message>");
    }

    [Fact]
    public void An_answer_that_grows_becomes_an_error_for_who_waits()
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Enters();
        ann.Sends($"<iq type='get' id='q' to='{Call}/{mallory.Nick}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        ann.Forgets();
        mallory.Sends($"<iq type='result' id='q' to='{Call}/{ann.Nick}'><w a='{new string('"', 20_000)}'/></iq>");
        ann.Receives($"<iq type='error' id='q' from='{Call}/{mallory.Nick}'><error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        ann.ReceivesNothing();
    }

    [Fact]
    public void What_one_gets_of_any_accepted_stanza_is_bounded_by_what_was_sent()
    {
        const ulong Seed = 20261130;
        var random = new SeededRandomSource(Seed);
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        string[] pieces = ["<p:a/>", "<p:b q:c='1'>", "</p:b>", "<![CDATA[<&>]]>", "&amp;&#34;", ">>]", "<d xmlns='urn:x'/>", "text "];
        for (var round = 0; round < 2_000; round++)
        {
            var inside = new StringBuilder();
            for (var i = random.NextInt(60); i >= 0; i--) inside.Append(pieces[random.NextInt(pieces.Length)]);
            var uri = new string('u', random.NextInt(XmppLimits.NamespaceCharacters));
            var frame = $"<message xmlns='jabber:client' type='groupchat' to='{Call}'><body>b</body><w xmlns:p='urn:{uri}' xmlns:q='urn:q'>{inside}</w></message>";
            if (!XmppParser.TryParse(frame, out _, out _)) continue;
            ann.Forgets();
            var before = ann.Frames.Count;
            bob.Sends(frame);
            world.Passes(bob.Session.Pause(world.Now));
            foreach (var got in ann.Frames.Skip(before)) Assert.True(Encoding.UTF8.GetByteCount(got) <= (2 * Encoding.UTF8.GetByteCount(frame)) + 4096, $"Seed {Seed}, round {round}: {frame}");
        }

        Assert.True(bob.SocketOpen);
    }

    [Theory]
    [InlineData("<message xmlns='jabber:client' to='a@b'><w xmlns:p='urn:p' p:xmlns='http://jabber.org/protocol/muc#user'/></message>", SessionEndReason.RestrictedXml)]
    [InlineData("<message xmlns='jabber:client' to='a@b'><w xml:xmlns='x'/></message>", SessionEndReason.RestrictedXml)]
    public void An_attribute_that_looks_like_a_declaration_ends_its_senders_stream(string frame, SessionEndReason reason)
    {
        var mallory = new World().Connects();
        mallory.SendsRaw(frame);
        mallory.Eventually("<error xmlns='http://etherx.jabber.org/streams'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
        Assert.Equal(reason, mallory.ClosedBecause);
    }

    [Fact]
    public void Before_the_login_frames_are_short_and_few()
    {
        var world = new World();
        var mallory = world.Dials();
        mallory.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        mallory.SendsRaw($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{new string('a', SignallingLimits.NegotiationFrameOctets)}</auth>");
        Assert.Equal(SessionEndReason.FrameTooBig, mallory.ClosedBecause);

        var guesser = world.Dials();
        World.LogsIn(guesser);
        for (var i = 0; i < SignallingLimits.NegotiationFrames && guesser.SocketOpen; i++) guesser.Sends($"<resume xmlns='urn:xmpp:sm:3' h='0' previd='{i}'/>");
        Assert.Equal(SessionEndReason.RateExceeded, guesser.ClosedBecause);
    }

    [Fact]
    public void A_flood_of_long_stanzas_is_read_at_a_pace_that_a_receiver_can_take()
    {
        var world = new World();
        var ann = world.Enters();
        var mallory = world.Enters();
        var text = new string('x', 240_000);
        var begin = world.Now.Now;
        ann.Frames.Clear();
        for (var i = 0; i < 100; i++)
        {
            mallory.Sends($"<message type='groupchat' to='{Call}'><body>{text}</body></message>");
            mallory.Sends($"<a xmlns='urn:xmpp:sm:3' h='{mallory.Handled}'/>");
            ann.Sends($"<a xmlns='urn:xmpp:sm:3' h='{ann.Handled}'/>");
            world.Passes(mallory.Session.Pause(world.Now));
            // 8 Mbit/s down, from the beginning on.
            var taken = 1_000_000 * (world.Now.Now - begin).TotalSeconds;
            Assert.True(ann.Frames.Sum(frame => (long)frame.Length) - taken < SignallingLimits.OctetBurst + (2 * SignallingLimits.StanzaOctets));
        }

        Assert.True(ann.SocketOpen && mallory.SocketOpen);
        Assert.DoesNotContain(mallory.Inbox, stanza => stanza["type"] == "error");
        for (var i = 0; i < 40 && mallory.SocketOpen; i++) mallory.Sends($"<message type='groupchat' to='{Call}'><body>{text}</body></message>");
        Assert.Equal(SessionEndReason.RateExceeded, mallory.ClosedBecause);
        Assert.True(ann.SocketOpen);
    }

    [Fact]
    public void All_that_one_address_sends_is_paced_and_a_proxy_is_not()
    {
        var octets = new AddressOctets(new SignallingOptions { TrustedNetworks = [System.Net.IPNetwork.Parse("10.0.0.0/8")] });
        var now = MonotonicTime.Zero;
        for (var sent = 0; sent < SignallingLimits.AddressOctetBurst; sent += 1 << 18)
        {
            Assert.Equal(TimeSpan.Zero, octets.Take("192.0.2.1", 1 << 18, now));
            Assert.Equal(TimeSpan.Zero, octets.Take("10.1.1.1", 1 << 18, now));
        }

        Assert.Equal(TimeSpan.FromSeconds(1), octets.Take("192.0.2.1", SignallingLimits.AddressOctetsPerSecond, now));
        Assert.Equal(TimeSpan.Zero, octets.Take("10.1.1.1", SignallingLimits.AddressOctetsPerSecond, now));
        Assert.Equal(TimeSpan.Zero, octets.Take("192.0.2.2", 1, now));
        Assert.Equal(TimeSpan.Zero, octets.Take("192.0.2.1", 0, now + TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" to='meet.jitsi'")]
    [InlineData(" to='call@muc.meet.jitsi'")]
    [InlineData(" to='focus.meet.jitsi'")]
    [InlineData(" to='focus@auth.meet.jitsi/focus'")]
    [InlineData(" to='polls.meet.jitsi'")]
    [InlineData(" to='muc.meet.jitsi'")]
    [InlineData(" to='lobby.meet.jitsi'")]
    [InlineData(" to='nobody@meet.jitsi/r'")]
    [InlineData(" to='nobody@meet.jitsi'")]
    [InlineData(" to='elsewhere.org'")]
    public void A_request_gets_exactly_one_answer_wherever_it_goes(string to)
    {
        foreach (var payload in (string[])["", "<ping xmlns='urn:xmpp:ping'/>", "<q xmlns='urn:q'/>", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "<conference xmlns='http://jitsi.org/protocol/focus'/>"])
        {
            foreach (var type in (string[])["get", "set", "nonsense"])
            {
                foreach (var member in (bool[])[true, false])
                {
                    var world = new World();
                    var ann = member ? world.Enters() : world.Connects();
                    ann.Forgets();
                    ann.Sends($"<iq type='{type}' id='one'{to}>{payload}</iq>");
                    world.Passes(TimeSpan.FromMinutes(1));
                    var answer = Assert.Single(ann.Inbox);
                    Assert.Equal("one", answer["id"]);
                    Assert.True(answer["type"] is "result" or "error");
                }
            }
        }
    }

    [Fact]
    public void A_module_that_throws_costs_its_sender_an_error()
    {
        var world = new World();
        var router = new StanzaRouter(world.Features.Domains, new SeededRandomSource(1), "", [new Throwing()]);
        var session = new XmppSession(SessionInfo.Of(Jid.Parse("a@meet.jitsi/r"), "q"), router, TimeSpan.FromSeconds(60));
        var outputs = new SessionOutputs();
        session.Handle(XmppParser.Parse("<iq xmlns='jabber:client' type='get' id='t' to='meet.jitsi'><q xmlns='urn:q'/></iq>"), default, world.Now, outputs);
        Assert.Contains("internal-server-error", Assert.Single(outputs.Frames).ToText(""), StringComparison.Ordinal);
        Assert.Equal("r", Assert.IsType<StanzaFailed>(Assert.Single(outputs.Effects)).Session);
        Assert.False(session.IsEnded);
    }

    private sealed class Throwing : HostModule
    {
        public override IReadOnlyList<string> HandledNamespaces => ["urn:q"];

        public override HostAnswer Handle(SessionInfo session, XmppElement iq, XmppElement payload, MeshInstant now) => throw new InvalidOperationException("a bug");
    }
}

using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests;

public sealed class JoinTraceTests
{
    [Theory]
    [InlineData("<iq type='set' id='1'><conference xmlns='http://jitsi.org/protocol/focus' room='r@muc.meet.jitsi'/></iq>", JoinStep.RequestConference)]
    [InlineData("<presence to='r@muc.meet.jitsi/ann'><x xmlns='http://jabber.org/protocol/muc'/></presence>", JoinStep.EnterRoom)]
    [InlineData("<iq type='set' id='2'><jingle xmlns='urn:xmpp:jingle:1' action='session-accept' sid='s'/></iq>", JoinStep.Accept)]
    [InlineData("<iq type='set' id='3'><jingle xmlns='urn:xmpp:jingle:1' action='source-add' sid='s'/></iq>", JoinStep.None)]
    [InlineData("<presence to='r@muc.meet.jitsi/ann'/>", JoinStep.None)]
    [InlineData("<presence to='r@muc.meet.jitsi/ann' type='unavailable'><x xmlns='http://jabber.org/protocol/muc'/></presence>", JoinStep.None)]
    [InlineData("<message type='groupchat'><body>conference</body></message>", JoinStep.None)]
    public void What_a_client_says_is_a_step_or_none(string xml, JoinStep step) => Assert.Equal(step, JoinSteps.OfReceived(Parse(xml)));

    [Theory]
    [InlineData("<iq type='result' id='1'><conference xmlns='http://jitsi.org/protocol/focus' ready='true'/></iq>", JoinStep.ConferenceReady)]
    [InlineData("<presence from='r@muc.meet.jitsi/ann'><x xmlns='http://jabber.org/protocol/muc#user'><item/><status code='100'/><status code='110'/></x></presence>", JoinStep.RoomEntered)]
    [InlineData("<iq type='set' id='2'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'/></iq>", JoinStep.Offered)]
    [InlineData("<presence from='r@muc.meet.jitsi/bob'><x xmlns='http://jabber.org/protocol/muc#user'><item/></x></presence>", JoinStep.None)]
    [InlineData("<iq type='set' id='3'><jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='s'/></iq>", JoinStep.None)]
    public void What_a_client_hears_is_a_step_or_none(string xml, JoinStep step) => Assert.Equal(step, JoinSteps.OfDelivered(Parse(xml)));

    [Fact]
    public async Task A_session_of_another_node_hears_which_meeting_it_has_joined()
    {
        using var metrics = new SignallingMetrics();
        var sessions = new SessionRegistry(new MeshClock(TimeProvider.System), metrics);
        var sink = new Sink();
        Assert.True(sessions.TryAdd("ann@meet.jitsi/r", sink));
        using var hub = new InMemoryLinkHub(new InMemoryMeshStore(TimeProvider.System));
        var link = new InMemoryStanzaLink(hub, "owner", NullLogger<InMemoryStanzaLink>.Instance);
        var owner = new Deliverer(sessions, link, metrics, NullLogger<Deliverer>.Instance);
        var elsewhere = LinkQueue.Node("signalling", "other");
        var outputs = new RoomOutputs();
        var presence = OutboundFrame.Stanza(Parse("<presence from='r@muc.meet.jitsi/ann'/>"), "5f2d");
        outputs.Deliveries.Add(new RoomDelivery("r@muc.meet.jitsi", presence, [new Recipient("ann@meet.jitsi/r", elsewhere.Name)], null));

        var envelope = Assert.Single(owner.Split(outputs)).Envelope;
        await new NodeConsumer(sessions, metrics, _ => { }).ConsumeAsync(elsewhere, envelope, CancellationToken.None);

        Assert.Equal("5f2d", Assert.Single(sink.Meetings));
    }

    [Fact]
    public void A_context_goes_with_the_stanza_to_the_rooms_owner_on_another_node()
    {
        const string Context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var domains = new SignallingFeatures(new SignallingOptions()).Domains;
        var ann = SessionInfo.Of(Jid.Parse("ann@meet.jitsi/r"), "signalling.node.other");
        var stanza = Parse("<presence to='r@muc.meet.jitsi/ann'/>");

        foreach (var trace in (string?[])[Context, null])
        {
            var envelope = new RoomInput("r@muc.meet.jitsi", stanza, ann with { Trace = trace }).ToEnvelope();
            Assert.Equal(trace, envelope.TraceParent);
            Assert.Equal(trace, LinkInput.FromEnvelope(envelope, domains, "focus.1")!.From.Trace);
        }
    }

    private static XmppElement Parse(string xml) => XmppParser.Parse(xml.Insert(xml.IndexOf(' ', StringComparison.Ordinal), " xmlns='jabber:client'"));

    private sealed class Sink : IFrameSink
    {
        public List<string?> Meetings { get; } = [];

        public void Deliver(OutboundFrame frame) => Meetings.Add(frame.MeetingId);
    }
}

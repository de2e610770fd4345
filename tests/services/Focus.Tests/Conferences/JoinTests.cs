using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences;

public class JoinTests
{
    private readonly FocusScenario _scenario = new();

    [Fact]
    public void A_request_is_answered_ready_once_the_focus_is_in_the_room()
    {
        var answer = _scenario.Request("ann");
        Assert.NotNull(answer);
        Assert.Equal(("result", "focus.meet.example", "ann@meet.example/web"), (answer["type"], answer["from"], answer["to"]));
        var conference = answer.Child("conference", Namespaces.Focus)!;
        Assert.Equal(("true", "focus@auth.meet.example", FocusScenario.Room), (conference["ready"], conference["focusjid"], conference["room"]));
        Assert.Equal(["authentication=false", "visitors-supported=false"], conference.Elements.Select(property => $"{property["name"]}={property["value"]}"));
        Assert.Equal("5f2d", _scenario.Conference.Document.Core.MeetingId);
    }

    [Fact]
    public void The_focus_joins_makes_jids_visible_and_tells_what_it_is()
    {
        _scenario.Request("ann");
        Assert.Contains(_scenario.Log, line => line.StartsWith("<presence", StringComparison.Ordinal) && line.Contains("<x xmlns=\"http://jabber.org/protocol/muc\"/>", StringComparison.Ordinal));
        Assert.Contains(_scenario.Log, line => line.Contains("muc#roomconfig_whois", StringComparison.Ordinal) && line.Contains("anyone", StringComparison.Ordinal));
        const string expected = """
            <presence xmlns="jabber:client" to="standup@conference.meet.example/focus" from="focus@auth.meet.example/focus">
            <etherpad xmlns="http://jitsi.org/jitmeet/etherpad">standup</etherpad>
            <versions xmlns="http://jitsi.org/jitmeet"><component name="focus">1.0</component></versions>
            <conference-properties xmlns="http://jitsi.org/protocol/focus"><property key="support-terminate-restart" value="true"/><property key="bridge-count" value="0"/></conference-properties></presence>
            """;
        Assert.Equal(expected.Replace("\n", "", StringComparison.Ordinal), _scenario.FocusPresence!.ToString());
    }

    [Fact]
    public void One_alone_is_not_invited()
    {
        _scenario.Join("ann");
        Assert.Empty(_scenario["ann"].LiveSids);
        Assert.Empty(_scenario.Bridge.Requests);
    }

    [Fact]
    public void Two_are_both_invited_and_their_sources_reach_the_bridge()
    {
        var ann = _scenario.Join("ann");
        var bob = _scenario.Join("bob");
        Assert.Single(ann.LiveSids);
        Assert.Single(bob.LiveSids);
        Assert.NotEqual(ann.LiveSids[0], bob.LiveSids[0]);
        var endpoints = _scenario.Bridge.Conferences["5f2d"].Endpoints;
        Assert.Equal(["ann", "bob"], endpoints.Keys);
        Assert.Equal("clientann", endpoints["ann"].RemoteUfrag);
        Assert.Equal(20, endpoints["ann"].LastN);
        Assert.Equal(7, endpoints["bob"].Ssrcs.Count());
        Assert.True(endpoints["ann"].Created.Capabilities.SsrcRewriting);
        Assert.True(endpoints["ann"].Created.Transport.IceControlling);
        Assert.Equal(ann.LastInitiate.BridgeSession!.Id, bob.LastInitiate.BridgeSession!.Id);
        Assert.Contains("bridge-count\" value=\"1\"", _scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
        Assert.All(_scenario.Clients.Values, client => Assert.DoesNotContain(client.Answers.Values, answer => answer["type"] == "error"));
    }

    [Fact]
    public void The_first_call_creates_the_conference_and_only_that_one()
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.Join("cid");
        Assert.Equal([true, false, false], _scenario.Bridge.Requests.Where(request => request.Endpoints.Any(endpoint => endpoint.Create)).Select(request => request.Create));
    }

    [Fact]
    public void A_third_is_invited_alone_and_the_others_are_left_in_peace()
    {
        var ann = _scenario.Join("ann");
        _scenario.Join("bob");
        var cid = _scenario.Join("cid");
        Assert.Equal(1, ann.Count(JingleAction.SessionInitiate));
        Assert.Equal(1, cid.Count(JingleAction.SessionInitiate));
        Assert.Equal(0, ann.Count(JingleAction.SourceAdd));
        Assert.Equal(["ann", "bob", "cid"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
    }

    [Fact]
    public void The_offer_carries_what_clients_insist_on()
    {
        _scenario.Join("ann");
        var offer = _scenario.Join("bob").LastInitiate;
        Assert.Equal("focus@auth.meet.example/focus", offer.Initiator);
        Assert.Equal(["audio", "video"], offer.Contents.Select(content => content.Name));
        Assert.Equal(["audio", "video"], offer.Group!.Contents);
        Assert.Equal("BUNDLE", offer.Group.Semantics);
        Assert.All(offer.Contents, content =>
        {
            Assert.Equal("ufbob", content.Transport!.Ufrag);
            Assert.Single(content.Transport.Candidates);
            Assert.Equal("wss://meet.example/colibri-ws/jvb-1/m/bob?pwd=s", content.Transport.WebSockets[0]);
            Assert.True(content.Description!.RtcpMux && content.Transport.RtcpMux);
            Assert.Empty(content.Description.Sources);
        });
        var bridge = offer.CompactSources!["jvb"];
        Assert.Equal([("jvb-a0", "mixedmslabel mixedlabelaudio0"), ("jvb-v0", "mixedmslabel mixedlabelvideo0")], bridge.Sources.OrderBy(source => source.Name).Select(source => (source.Name!, source.Msid!)));
        Assert.Equal(1, offer.CompactSources.Count);
        Assert.Equal("eu", offer.BridgeSession!.Region);
        Assert.Null(offer.StartMuted);
    }

    [Fact]
    public void Data_channels_are_offered_only_when_the_bridge_grants_them()
    {
        _scenario.Bridge.Sctp = true;
        _scenario.Join("ann");
        var offer = _scenario.Join("bob").LastInitiate;
        Assert.Equal(["audio", "video", "data"], offer.Contents.Select(content => content.Name));
        Assert.Equal(new SctpMap(5000, "webrtc-datachannel", 1024), offer.Contents[2].Transport!.SctpMap);
        Assert.Equal("application", offer.Contents[2].Description!.Media);
        Assert.Null(offer.Contents[0].Transport!.SctpMap);
    }

    [Fact]
    public void Old_clients_get_sources_in_xml_and_are_told_of_each_other()
    {
        var ann = _scenario.Join("ann", FakeClient.PlainFeatures);
        var bob = _scenario.Join("bob", FakeClient.PlainFeatures);
        var initiate = bob.LastInitiate;
        Assert.Null(initiate.CompactSources);
        Assert.Contains(initiate.Contents[1].Description!.Sources, owned => owned.Owner == "jvb" && owned.Source.Name == "jvb-v0");
        var told = ann.Jingles.Concat(bob.Jingles).Where(message => message.Action == JingleAction.SourceAdd).SelectMany(message => message.Contents).SelectMany(content => content.Description!.Sources).ToList();
        var fromAnn = told.Concat(initiate.Contents.SelectMany(content => content.Description!.Sources)).Where(owned => owned.Owner == "ann").Select(owned => owned.Source.Ssrc).Order();
        Assert.Equal([ann.FirstSsrc, ann.FirstSsrc + 1, ann.FirstSsrc + 4], fromAnn);
        Assert.Equal([bob.FirstSsrc, bob.FirstSsrc + 1, bob.FirstSsrc + 4], told.Where(owned => owned.Owner == "bob").Select(owned => owned.Source.Ssrc).Order());
        Assert.False(_scenario.Bridge.Conferences["5f2d"].Endpoints["ann"].Created.Capabilities.SsrcRewriting);
    }

    [Fact]
    public void A_client_that_answers_no_discovery_is_invited_with_the_least_after_15_seconds()
    {
        _scenario.Join("ann");
        var bob = _scenario.Join("bob", configure: client => client.AnswersDisco = false);
        Assert.Empty(bob.LiveSids);
        _scenario.Advance(14.9);
        Assert.Empty(bob.LiveSids);
        _scenario.Advance(0.2);
        Assert.Single(bob.LiveSids);
        Assert.Null(bob.LastInitiate.CompactSources);
    }

    [Fact]
    public void The_eldest_becomes_owner_and_the_next_one_when_it_leaves()
    {
        var ann = _scenario.Join("ann");
        var bob = _scenario.Join("bob");
        Assert.Equal(("owner", "none"), (ann.Affiliation, bob.Affiliation));
        _scenario.Leave("ann");
        Assert.Equal("owner", bob.Affiliation);
    }

    [Fact]
    public void Who_lost_ownership_to_another_gets_it_back_only_when_no_owner_is_left()
    {
        var ann = _scenario.Join("ann");
        var bob = _scenario.Join("bob");
        bob.Affiliation = "owner";
        _scenario.UpdatePresence("bob");
        ann.Affiliation = "none";
        _scenario.UpdatePresence("ann");
        Assert.Equal(("none", "owner"), (ann.Affiliation, bob.Affiliation));
        _scenario.Leave("bob");
        Assert.Equal("owner", ann.Affiliation);
    }

    [Fact]
    public void Who_gives_ownership_up_leaves_it_to_the_next()
    {
        var ann = _scenario.Join("ann");
        var bob = _scenario.Join("bob");
        ann.Affiliation = "none";
        _scenario.UpdatePresence("ann");
        Assert.Equal(("none", "owner"), (ann.Affiliation, bob.Affiliation));
    }

    [Fact]
    public void A_recorder_of_a_trusted_domain_never_becomes_owner()
    {
        _scenario.Options.TrustedDomains.Add("meet.example");
        var recorder = _scenario.Join("rec", configure: client => client.Extras.Add(
            new XmppElement("features", Namespaces.Client).Add(new XmppElement("feature", Namespaces.Client, ("var", "http://jitsi.org/protocol/jibri")))));
        var ann = _scenario.Join("ann");
        Assert.Equal(("none", "owner"), (recorder.Affiliation, ann.Affiliation));
    }

    [Fact]
    public void Participants_beyond_the_number_start_muted()
    {
        _scenario.Request("ann", null, ("startAudioMuted", "2"), ("startVideoMuted", "nonsense"));
        _scenario.Join("ann");
        var bob = _scenario.Join("bob");
        var cid = _scenario.Join("cid");
        Assert.Null(bob.LastInitiate.StartMuted);
        Assert.Equal(new StartMuted(true, false), cid.LastInitiate.StartMuted);
    }

    [Fact]
    public void A_conference_that_nobody_joins_ends_after_15_seconds()
    {
        _scenario.Request("ann");
        _scenario.Advance(14);
        _scenario.Request("ann");
        _scenario.Advance(14);
        Assert.False(_scenario.IsOver);
        _scenario.Advance(2);
        Assert.Equal(ConferenceEndReason.NobodyJoined, _scenario.Ended);
        Assert.True(_scenario.FocusLeft);
    }

    [Fact]
    public void A_repeated_delivery_changes_nothing()
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        var before = _scenario.Log.Count;
        var envelope = new Contracts.Links.StanzaEnvelope { Room = FocusScenario.Room, Stanza = "<x/>", Sender = "signalling-1", Sequence = 1 };
        var outputs = _scenario.Conference.Handle(
            new StanzaReceived(envelope, _scenario["ann"].Presence(FocusScenario.Room, "unavailable")),
            new ConferenceContext(_scenario.Now, Focus.BridgeSelection.BridgePoolSnapshot.Empty, _scenario.Caps));
        Assert.Empty(outputs);
        Assert.Equal(before, _scenario.Log.Count);
    }
}

using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences;

/// <summary>What one participant brings about costs that one, and no more than its budget.</summary>
public class OneParticipantTests
{
    private readonly FocusScenario _scenario = new("jvb-1", "jvb-2");

    private string Sid(string nick) => _scenario[nick].LiveSids[^1];

    private void Meet()
    {
        foreach (var nick in new[] { "ann", "bob", "cid" }) _scenario.Join(nick, FakeClient.PlainFeatures);
    }

    private JingleMessage TransportInfo(string nick, string ufrag = "xxxx") => new()
    {
        Action = JingleAction.TransportInfo,
        Sid = Sid(nick),
        Contents = [new JingleContent { Name = "audio", Transport = new IceUdpTransport { Ufrag = ufrag, Password = FakeClient.Password } }],
    };

    private void AssertOthersKeptTheirSessions()
    {
        Assert.All(new[] { "ann", "bob" }, nick => Assert.Single(_scenario[nick].LiveSids));
        Assert.All(new[] { "ann", "bob" }, nick => Assert.Equal((1, 0), (_scenario[nick].Count(JingleAction.SessionInitiate), _scenario[nick].Count(JingleAction.SessionTerminate))));
        Assert.All(_scenario.SaidOfBridges, said => Assert.IsType<AllocationFailed>(said));
        Assert.Equal("5f2d", Assert.Single(_scenario.Bridge.Conferences).Key);
        Assert.Empty(_scenario.Bridges[1].Conferences);
    }

    [Theory]
    [InlineData(BridgeFailure.Unspecified)]
    [InlineData(BridgeFailure.BadRequest)]
    [InlineData(BridgeFailure.TimedOut)]
    [InlineData(BridgeFailure.Overloaded)]
    [InlineData(BridgeFailure.NotImplemented)]
    [InlineData(BridgeFailure.UnknownEndpoint)]
    [InlineData(BridgeFailure.EndpointExists)]
    public void However_the_bridge_fails_on_one_participant_the_others_stay(BridgeFailure failure)
    {
        Meet();
        _scenario.Bridge.Sabotage = change => change.Id == "cid" ? failure : BridgeFailure.None;
        for (var i = 0; i < 20; i++)
        {
            if (_scenario["cid"].LiveSids.Count > 0) Assert.Equal("result", _scenario.Jingle("cid", TransportInfo("cid"))!["type"]);
            _scenario.Advance(3);
        }

        for (var i = 0; i < 5; i++)
        {
            _scenario.Leave("cid");
            _scenario.Join("cid", FakeClient.PlainFeatures);
        }

        AssertOthersKeptTheirSessions();
        // And once the bridge is well it is in again, by itself.
        _scenario.Bridge.Sabotage = null;
        _scenario.Advance(120);
        Assert.Single(_scenario["cid"].LiveSids);
        AssertOthersKeptTheirSessions();
    }

    [Theory]
    [InlineData(BridgeFailure.Unspecified)]
    [InlineData(BridgeFailure.BadRequest)]
    [InlineData(BridgeFailure.TimedOut)]
    [InlineData(BridgeFailure.EndpointExists)]
    public void One_that_no_bridge_takes_does_not_keep_the_first_ones_out(BridgeFailure failure)
    {
        // The call that fails is the one that makes the conference on the bridge.
        foreach (var bridge in _scenario.Bridges) bridge.Sabotage = change => change.Id == "ann" ? failure : BridgeFailure.None;
        Meet();
        Assert.Single(_scenario["bob"].LiveSids);
        Assert.Single(_scenario["cid"].LiveSids);
        Assert.Empty(_scenario["ann"].LiveSids);
        Assert.All(_scenario.SaidOfBridges, said => Assert.IsType<AllocationFailed>(said));
        Assert.DoesNotContain("bridgeNotAvailable", _scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_single_bridge_a_failed_allocation_does_not_keep_the_others_away_from_it()
    {
        var scenario = new FocusScenario();
        scenario.Bridge.Sabotage = change => change.Id == "ann" ? BridgeFailure.Unspecified : BridgeFailure.None;
        foreach (var nick in new[] { "ann", "bob", "cid" }) scenario.Join(nick);
        Assert.Equal([0, 1, 1], scenario.Clients.Values.Select(client => client.LiveSids.Count));
        Assert.Equal(1, scenario["bob"].Count(JingleAction.SessionInitiate));
    }

    [Fact]
    public void Requests_beyond_the_budget_reach_neither_the_bridge_nor_the_others()
    {
        Meet();
        var before = _scenario.Bridge.Requests.Count;
        var answers = Enumerable.Range(0, 1_000).Select(_ => _scenario.Error(_scenario.Jingle("cid", TransportInfo("cid")))).ToList();
        Assert.InRange(_scenario.Bridge.Requests.Count - before, 50, FocusLimits.RequestBurst);
        Assert.Equal(["", "resource-constraint"], answers.Distinct());
        Assert.True(_scenario.Counts[ConferenceEvent.RequestRefused] >= 900);
        Assert.Equal("", _scenario.Error(_scenario.Jingle("ann", TransportInfo("ann"))));
        _scenario.Advance(2);
        Assert.Equal("", _scenario.Error(_scenario.Jingle("cid", TransportInfo("cid"))));
        AssertOthersKeptTheirSessions();
    }

    [Fact]
    public void Changes_of_sources_cost_more_for_others_are_told()
    {
        Meet();
        JingleMessage Change(JingleAction action) => new()
        {
            Action = action,
            Sid = Sid("cid"),
            Contents = [new JingleContent { Name = "video", Description = new RtpDescription { Media = "video", Sources = [new(null, new(77, MediaKind.Video, "cid-v1", "cid-screen t"))] } }],
        };
        for (var i = 0; i < 200; i++) _scenario.Jingle("cid", Change(i % 2 == 0 ? JingleAction.SourceAdd : JingleAction.SourceRemove));
        Assert.InRange(_scenario["ann"].Jingles.Count(message => message.Action is JingleAction.SourceAdd or JingleAction.SourceRemove), 10, 2 + (FocusLimits.RequestBurst / FocusLimits.SourceChangeCost));
    }

    [Fact]
    public void A_moderator_mutes_a_whole_room_at_once()
    {
        Meet();
        var mute = new XmppElement("mute", "http://jitsi.org/jitmeet/audio", ("jid", $"{FocusScenario.Room}/bob")).AddText("true");
        for (var i = 0; i < 500; i++) Assert.Equal("", _scenario.Error(_scenario.Ask("ann", mute.Clone())));
        for (var i = 0; i < 1_000; i++) _scenario.Ask("ann", mute.Clone());
        Assert.Equal("resource-constraint", _scenario.Error(_scenario.Ask("ann", mute.Clone())));
    }

    [Fact]
    public void The_old_way_to_say_that_ice_failed_has_a_budget_too()
    {
        Meet();
        var refused = 0;
        for (var i = 0; i < 20; i++)
        {
            var message = new JingleMessage { Action = JingleAction.SessionInfo, Sid = Sid("cid"), IceState = "failed", BridgeSession = new(_scenario["cid"].LastInitiate.BridgeSession!.Id) };
            if (_scenario.Error(_scenario.Jingle("cid", message)) == "resource-constraint") refused++;
            _scenario.Advance(1);
        }

        Assert.InRange(_scenario["cid"].Count(JingleAction.SessionInitiate), 2, 5);
        Assert.InRange(refused, 16, 18);
        AssertOthersKeptTheirSessions();
    }

    [Fact]
    public void What_another_sent_until_now_is_kept_for_it()
    {
        Meet();
        var anns = _scenario.Conference.Document.Find("ann")!.Sources.Sources;
        _scenario["ann"].AutoAccept = false;
        _scenario.Terminated("ann", new JingleMessage { Action = JingleAction.SessionTerminate, Sid = Sid("ann"), BridgeSession = new(_scenario["ann"].LastInitiate.BridgeSession!.Id) { Restart = true } });
        Assert.True(_scenario.Conference.Document.Find("ann")!.Sources.IsEmpty);
        foreach (var source in anns)
        {
            var change = new JingleMessage
            {
                Action = JingleAction.SourceAdd,
                Sid = Sid("cid"),
                Contents = [new JingleContent { Name = "video", Description = new RtpDescription { Media = "video", Sources = [new(null, new(source.Ssrc, MediaKind.Video, "cid-v1", "cid-x t"))] } }],
            };
            Assert.Equal("SsrcInUse", StanzaError.Read(_scenario.Jingle("cid", change)!).Text);
        }

        Assert.Equal("", _scenario.Error(_scenario.Ask("ann", _scenario["ann"].Accept(Sid("ann")))));
        Assert.Equal(anns.Count, _scenario.Conference.Document.Find("ann")!.Sources.Sources.Count);
        // And it is free once ann has left.
        _scenario.Leave("ann");
        var free = new JingleMessage
        {
            Action = JingleAction.SourceAdd,
            Sid = Sid("cid"),
            Contents = [new JingleContent { Name = "video", Description = new RtpDescription { Media = "video", Sources = [new(null, new(anns[0].Ssrc, MediaKind.Video, "cid-v1", "cid-x t"))] } }],
        };
        Assert.Equal("", _scenario.Error(_scenario.Jingle("cid", free)));
    }

    [Theory]
    [InlineData(8154u, "cid-a1", "cid-x t", "SsrcInUse")]
    [InlineData(2711u, "cid-a1", "cid-x t", "SsrcInUse")]
    [InlineData(70u, "jvb-a0", "cid-x t", "ForeignName")]
    [InlineData(70u, "cid-a1", "mixedmslabel mixedlabelaudio0", "ForeignMsid")]
    [InlineData(70u, "cid-a1", "ann-audio-7 t", "ForeignMsid")]
    public void The_bridges_own_sources_and_others_names_cannot_be_taken(uint ssrc, string name, string msid, string reason)
    {
        Meet();
        var change = new JingleMessage
        {
            Action = JingleAction.SourceAdd,
            Sid = Sid("cid"),
            Contents = [new JingleContent { Name = "audio", Description = new RtpDescription { Media = "audio", Sources = [new(null, new(ssrc, MediaKind.Audio, name, msid))] } }],
        };
        Assert.Equal(reason, StanzaError.Read(_scenario.Jingle("cid", change)!).Text);
    }

    [Theory]
    [InlineData("jvb")]
    [InlineData("JVB")]
    [InlineData("mixer")]
    [InlineData("Focus")]
    public void Who_calls_itself_the_bridge_or_the_focus_is_no_participant(string nick)
    {
        _scenario.Join("ann");
        _scenario.Join(nick);
        Assert.Empty(_scenario[nick].Received);
        _scenario.Join("bob", FakeClient.PlainFeatures);
        Assert.Equal(2, _scenario.Conference.Document.ParticipantCount);
        var bridge = _scenario["bob"].LastInitiate.Contents.SelectMany(content => content.Description?.Sources ?? []).Where(owned => owned.Owner == "jvb").ToList();
        Assert.Equal([8154u, 2711u], bridge.Select(owned => owned.Source.Ssrc));
        Assert.Equal("bad-request", _scenario.Error(_scenario.Ask(nick, _scenario[nick].Accept("s"))));
    }
}

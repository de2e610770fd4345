using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Jingle;

namespace JitsiMesh.Focus.Tests.Conferences;

public class BridgeFailureTests
{
    private readonly FocusScenario _scenario = new("jvb-1", "jvb-2");

    private FakeBridge Second => _scenario.Bridges[1];

    private void Meet()
    {
        foreach (var nick in new[] { "ann", "bob", "cid" }) _scenario.Join(nick);
        Assert.Equal(3, _scenario.Bridge.Conferences["5f2d"].Endpoints.Count);
    }

    private void AssertAllOn(FakeBridge bridge)
    {
        Assert.Equal(["ann", "bob", "cid"], bridge.Conferences["5f2d"].Endpoints.Keys);
        Assert.All(bridge.Conferences["5f2d"].Endpoints.Values, endpoint => Assert.Equal(7, endpoint.Ssrcs.Count()));
        Assert.All(_scenario.Clients.Values, client => Assert.Single(client.LiveSids));
    }

    [Fact]
    public void When_a_bridge_is_lost_its_people_move_at_once()
    {
        Meet();
        var before = _scenario.Now;
        _scenario.Bridge.Lost = true;
        _scenario.NoticeBridges();
        AssertAllOn(Second);
        Assert.Equal(before, _scenario.Now);
        foreach (var client in _scenario.Clients.Values)
        {
            var jingles = client.Jingles.ToList();
            Assert.Equal([JingleAction.SessionInitiate, JingleAction.SessionTerminate, JingleAction.SessionInitiate], jingles.Select(message => message.Action));
            Assert.Equal(new JingleReason("success", "moving"), jingles[1].Reason);
            Assert.NotEqual(jingles[0].BridgeSession!.Id, jingles[2].BridgeSession!.Id);
        }

        Assert.False(_scenario.FocusLeft);
    }

    [Fact]
    public void A_bridge_that_shuts_down_is_told_to_forget_the_conference()
    {
        Meet();
        _scenario.Bridge.ShuttingDown = true;
        _scenario.NoticeBridges();
        AssertAllOn(Second);
        Assert.Empty(_scenario.Bridge.Conferences);
    }

    [Fact]
    public void A_call_that_does_not_reach_the_bridge_moves_everybody()
    {
        Meet();
        _scenario.Bridge.Failure = BridgeFailure.Unreachable;
        _scenario.Jingle("ann", new JingleMessage
        {
            Action = JingleAction.TransportInfo,
            Sid = _scenario["ann"].LiveSids[0],
            Contents = [new JingleContent { Name = "audio", Transport = new IceUdpTransport { Ufrag = "xxxx", Password = FakeClient.Password } }],
        });
        AssertAllOn(Second);
    }

    [Fact]
    public void A_lone_bridge_that_starts_again_takes_its_people_back()
    {
        var scenario = new FocusScenario();
        scenario.Join("ann");
        scenario.Join("bob");
        scenario.Bridge.Lost = true;
        scenario.NoticeBridges();
        Assert.All(scenario.Clients.Values, client => Assert.Empty(client.LiveSids));
        scenario.Advance(3);
        Assert.DoesNotContain("bridgeNotAvailable", scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
        scenario.Bridge.Restart();
        scenario.NoticeBridges();
        Assert.Equal(["ann", "bob"], scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
        Assert.All(scenario.Clients.Values, client => Assert.Single(client.LiveSids));
        scenario.Advance(30);
        Assert.DoesNotContain("bridgeNotAvailable", scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lone_bridge_that_one_call_did_not_reach_is_tried_again_within_seconds()
    {
        var scenario = new FocusScenario();
        scenario.Join("ann");
        scenario.Bridge.Failure = BridgeFailure.Unreachable;
        scenario.Join("bob");
        scenario.Bridge.Failure = BridgeFailure.None;
        Assert.All(scenario.Clients.Values, client => Assert.Empty(client.LiveSids));
        scenario.Advance(5);
        Assert.All(scenario.Clients.Values, client => Assert.Single(client.LiveSids));
        Assert.DoesNotContain("bridgeNotAvailable", scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_bridge_people_are_told_after_10_seconds_and_invited_when_one_comes()
    {
        var scenario = new FocusScenario();
        scenario.Bridge.Lost = true;
        scenario.Join("ann");
        scenario.Join("bob");
        scenario.Advance(9);
        Assert.DoesNotContain("bridgeNotAvailable", scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
        scenario.Advance(2);
        Assert.Contains("<bridgeNotAvailable xmlns=\"http://jitsi.org/protocol/focus\"/>", scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
        scenario.Bridge.Lost = false;
        scenario.NoticeBridges();
        Assert.All(scenario.Clients.Values, client => Assert.Single(client.LiveSids));
        Assert.DoesNotContain("bridgeNotAvailable", scenario.FocusPresence!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sides_that_do_not_agree_begin_again_on_the_same_bridge()
    {
        _scenario.Join("ann");
        _scenario.Bridge.Conferences["5f2d"] = new FakeBridgeConference();
        _scenario.Join("bob");
        Assert.Equal(["ann", "bob"], _scenario.Bridge.Conferences["5f2d"].Endpoints.Keys);
        Assert.Empty(Second.Conferences);
    }

    [Fact]
    public void A_conference_that_a_bridge_forgot_is_made_again()
    {
        Meet();
        _scenario.Bridge.Conferences.Clear();
        _scenario.Leave("cid");
        _scenario.Join("cid");
        AssertAllOn(_scenario.Bridge);
    }

    [Fact]
    public void An_endpoint_that_a_bridge_forgot_is_invited_anew_and_nobody_else()
    {
        Meet();
        _scenario.Bridge.Conferences["5f2d"].Endpoints.Remove("ann");
        _scenario.Jingle("ann", new JingleMessage
        {
            Action = JingleAction.TransportInfo,
            Sid = _scenario["ann"].LiveSids[0],
            Contents = [new JingleContent { Name = "audio", Transport = new IceUdpTransport { Ufrag = "xxxx", Password = FakeClient.Password } }],
        });
        AssertAllOn(_scenario.Bridge);
        Assert.Equal([2, 1, 1], _scenario.Clients.Values.Select(client => client.Count(JingleAction.SessionInitiate)));
    }

    [Theory]
    [InlineData(BridgeFailure.BadRequest)]
    [InlineData(BridgeFailure.Overloaded)]
    public void What_concerns_one_newcomer_costs_the_others_nothing(BridgeFailure failure)
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.Bridge.Failure = failure;
        _scenario.Join("cid");
        _scenario.Bridge.Failure = BridgeFailure.None;
        Assert.Equal([1, 1, 0], _scenario.Clients.Values.Select(client => client.LiveSids.Count));
        Assert.Equal([1, 1, 0], _scenario.Clients.Values.Select(client => client.Count(JingleAction.SessionInitiate)));
    }

    [Theory]
    [InlineData(BridgeFailure.BadRequest)]
    [InlineData(BridgeFailure.Overloaded)]
    public void Whom_a_bridge_refused_is_invited_again_when_the_bridges_change_and_not_without_end(BridgeFailure failure)
    {
        _scenario.Join("ann");
        _scenario.Join("bob");
        _scenario.Bridge.Failure = failure;
        _scenario.Join("cid");
        var before = _scenario.Bridge.Requests.Count;
        for (var i = 0; i < 20; i++) _scenario.NoticeBridges();
        Assert.InRange(_scenario.Bridge.Requests.Count - before, 1, 12);
        _scenario.Bridge.Failure = BridgeFailure.None;
        _scenario.Advance(120);
        _scenario.NoticeBridges();
        AssertAllOn(_scenario.Bridge);
        Assert.Equal([1, 1, 1], _scenario.Clients.Values.Select(client => client.Count(JingleAction.SessionInitiate)));
    }

    [Fact]
    public void Who_ended_its_call_itself_is_not_invited_again_when_the_bridges_change()
    {
        Meet();
        _scenario.Terminated("cid", new JingleMessage { Action = JingleAction.SessionTerminate, Sid = _scenario["cid"].LiveSids[0], Reason = new JingleReason("success") });
        _scenario.NoticeBridges();
        Assert.Equal(1, _scenario["cid"].Count(JingleAction.SessionInitiate));
    }

    [Fact]
    public void An_update_that_the_bridge_refuses_begins_the_call_anew_and_does_not_end_it()
    {
        Meet();
        _scenario.HoldBridges = true;
        _scenario.Jingle("ann", new JingleMessage
        {
            Action = JingleAction.TransportInfo,
            Sid = _scenario["ann"].LiveSids[0],
            Contents = [new JingleContent { Name = "audio", Transport = new IceUdpTransport { Ufrag = "xxxx", Password = FakeClient.Password } }],
        });
        _scenario.Bridge.FailOnce = BridgeFailure.BadRequest;
        _scenario.AnswerHeldCalls();
        AssertAllOn(_scenario.Bridge);
        Assert.Equal([2, 1, 1], _scenario.Clients.Values.Select(client => client.Count(JingleAction.SessionInitiate)));
    }

    [Theory]
    [InlineData(BridgeFailure.GracefulShutdown)]
    [InlineData(BridgeFailure.TimedOut)]
    [InlineData(BridgeFailure.Unspecified)]
    [InlineData(BridgeFailure.Overloaded)]
    public void A_bridge_that_refuses_the_conference_is_passed_over(BridgeFailure failure)
    {
        _scenario.Bridge.Failure = failure;
        _scenario.Join("ann");
        _scenario.Join("bob");
        Assert.Equal(["ann", "bob"], Second.Conferences["5f2d"].Endpoints.Keys);
        Assert.All(_scenario.Clients.Values, client => Assert.Single(client.LiveSids));
    }

    [Fact]
    public void A_bridge_without_data_channels_is_asked_again_without_them()
    {
        _scenario.Bridge.RefusesSctp = true;
        Meet();
        Assert.All(_scenario.Bridge.Conferences["5f2d"].Endpoints.Values, endpoint => Assert.False(endpoint.Created.Transport.Sctp));
        Assert.All(_scenario.Clients.Values, client => Assert.Equal(1, client.Count(JingleAction.SessionInitiate)));
        Assert.All(_scenario.Clients.Values, client => Assert.Single(client.LiveSids));
        Assert.Empty(Second.Requests);
    }

    [Fact]
    public void An_update_that_is_not_answered_in_time_moves_nobody()
    {
        Meet();
        _scenario.Bridge.Failure = BridgeFailure.TimedOut;
        _scenario.Jingle("ann", new JingleMessage
        {
            Action = JingleAction.TransportInfo,
            Sid = _scenario["ann"].LiveSids[0],
            Contents = [new JingleContent { Name = "audio", Transport = new IceUdpTransport { Ufrag = "xxxx", Password = FakeClient.Password } }],
        });
        Assert.All(_scenario.Clients.Values, client => Assert.Equal(1, client.Count(JingleAction.SessionInitiate)));
    }

    [Fact]
    public void Bridges_that_all_fail_are_not_asked_without_end()
    {
        foreach (var bridge in _scenario.Bridges) bridge.Failure = BridgeFailure.ConferenceNotFound;
        _scenario.Join("ann");
        _scenario.Join("bob");
        var asked = _scenario.Bridges.Sum(bridge => bridge.Requests.Count);
        Assert.InRange(asked, 1, 40);
        foreach (var bridge in _scenario.Bridges) bridge.Failure = BridgeFailure.None;
        _scenario.Advance(3);
        Assert.All(_scenario.Clients.Values, client => Assert.Single(client.LiveSids));
    }
}

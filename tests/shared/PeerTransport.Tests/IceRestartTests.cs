using JitsiMesh.Ice;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.PeerTransport.Tests;

public class IceRestartTests
{
    [Fact]
    public void A_restart_keeps_keys_and_media_and_retires_the_first_agent_after_three_seconds()
    {
        using var call = new Call(31).Connect();
        var oldUfrag = call.Bridge.Transport.Ice.Ufrag;
        var channel = call.OpenChannel();

        var second = call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        Assert.NotEqual(oldUfrag, second.Ufrag);
        Assert.Equal(1, call.Bridge.Transport.RestartGeneration);
        Assert.Equal(0, call.Bridge.Transport.IceGeneration);
        Assert.All(second.LocalCandidates, c => Assert.Equal(1, c.Generation));
        call.AssertMediaFlowsBothWays();

        ExchangeRestart(call);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.IceRestarted>() && call.Client.Has<PeerEvent.IceRestarted>(), TimeSpan.FromSeconds(2)), call.ToString());
        var cutOver = call.Network.Now;
        Assert.Equal(1, call.Bridge.Transport.IceGeneration);
        Assert.Same(second, call.Bridge.Transport.Ice);
        Assert.False(call.Bridge.Has<PeerEvent.LocalUfragRetired>());
        call.AssertMediaFlowsBothWays();

        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.LocalUfragRetired>(), TimeSpan.FromSeconds(5)), call.ToString());
        Assert.InRange((call.Network.Now - cutOver).TotalSeconds, 2.8, 3.2);
        Assert.Equal(oldUfrag, call.Bridge.Events.OfType<PeerEvent.LocalUfragRetired>().Single().Ufrag);
        call.SendText(call.Bridge, channel, "still here");
        Assert.True(call.Network.RunUntil(() => call.Client.Messages.Contains("still here"), TimeSpan.FromSeconds(2)), call.ToString());
        call.Network.RunFor(TimeSpan.FromMinutes(1));
        Assert.False(call.Bridge.Has<PeerEvent.Failed>());
        Assert.Single(call.Bridge.Events.OfType<PeerEvent.Connected>());
    }

    [Fact]
    public void A_restart_that_does_not_connect_is_dropped_after_twenty_seconds_and_the_first_agent_stays()
    {
        using var call = new Call(32).Connect();
        var first = call.Bridge.Transport.Ice;
        var second = call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        call.Network.RunFor(TimeSpan.FromSeconds(19.9));
        Assert.False(call.Bridge.Has<PeerEvent.IceRestartAbandoned>());
        call.Network.RunFor(TimeSpan.FromSeconds(0.2));
        Assert.True(call.Bridge.Has<PeerEvent.IceRestartAbandoned>());
        Assert.Equal(second.Ufrag, call.Bridge.Events.OfType<PeerEvent.LocalUfragRetired>().Single().Ufrag);
        Assert.Same(first, call.Bridge.Transport.Ice);
        Assert.Null(call.Bridge.Transport.RestartingIce);
        Assert.False(call.Bridge.Has<PeerEvent.Failed>());
        call.AssertMediaFlowsBothWays();
    }

    [Fact]
    public void A_restart_heals_a_peer_whose_consent_was_lost()
    {
        using var call = new Call(33).Connect();
        call.Network.Drop = _ => true;
        call.Network.RunFor(TimeSpan.FromSeconds(15));
        Assert.Equal(PeerFailure.IceConsentExpired, call.Bridge.Transport.Failure);
        Assert.Equal(PeerFailure.IceConsentExpired, call.Client.Transport.Failure);
        call.Network.Drop = null;

        call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        ExchangeRestart(call);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.IceRestarted>() && call.Client.Has<PeerEvent.IceRestarted>(), TimeSpan.FromSeconds(2)), call.ToString());
        Assert.Equal(PeerFailure.None, call.Bridge.Transport.Failure);
        Assert.Equal(2, call.Bridge.Events.OfType<PeerEvent.IceConnected>().Count());
        call.AssertMediaFlowsBothWays();
    }

    [Fact]
    public void A_client_on_a_new_network_is_met_there_after_a_restart()
    {
        using var call = new Call(34).Connect();
        var moved = TransportAddress.FromIPv4(0xC6336463, 33333);
        call.Network.PutBehind(new VirtualNat(moved, NatKind.PortRestricted), TestPeer.ClientAddress);
        call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        ExchangeRestart(call);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.IceRestarted>() && call.Client.Has<PeerEvent.IceRestarted>(), TimeSpan.FromSeconds(5)), call.ToString());
        Assert.True(call.Bridge.Transport.TryGetSelectedPair(out _, out var remote));
        Assert.Equal(moved, remote);
        call.AssertMediaFlowsBothWays();
    }

    [Fact]
    public void A_late_description_of_the_first_generation_does_not_disturb_the_second_agent()
    {
        using var call = new Call(35).Connect();
        var second = call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        call.Bridge.LearnIce(call.Client, withCandidates: true);
        Assert.Null(second.RemoteUfrag);
        ExchangeRestart(call);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.IceRestarted>(), TimeSpan.FromSeconds(2)), call.ToString());
    }

    [Fact]
    public void A_second_restart_replaces_the_first_that_is_under_way()
    {
        using var call = new Call(36).Connect();
        var dropped = call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        Assert.Equal(IceState.Closed, dropped.State);
        ExchangeRestart(call);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.IceRestarted>(), TimeSpan.FromSeconds(2)), call.ToString());
        Assert.Equal(2, call.Bridge.Transport.IceGeneration);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_late_answer_to_a_restart_that_was_given_up_does_not_touch_the_pair_in_use(int generation)
    {
        using var call = new Call(37).Connect();
        var first = call.Bridge.Transport.Ice.RemoteUfrag;
        call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        call.Network.RunFor(TimeSpan.FromSeconds(21));
        Assert.True(call.Bridge.Has<PeerEvent.IceRestartAbandoned>());

        var client = call.Client.Transport.BeginIceRestart(call.Network.Now);
        call.Bridge.Transport.SetRemoteIce(client.Ufrag, client.Password, [], call.Network.Now, generation);
        Assert.Equal(first, call.Bridge.Transport.Ice.RemoteUfrag);
        call.Network.RunFor(TimeSpan.FromSeconds(40));
        Assert.False(call.Bridge.Has<PeerEvent.Failed>());
        call.AssertMediaFlowsBothWays();
    }

    [Fact]
    public void An_answer_to_the_restart_before_does_not_reach_the_one_under_way()
    {
        using var call = new Call(38).Connect();
        call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        var second = call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        call.Bridge.Transport.SetRemoteIce("late", "late-password-of-22-chars", [], call.Network.Now, generation: 1);
        Assert.Null(second.RemoteUfrag);
        ExchangeRestart(call);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.IceRestarted>(), TimeSpan.FromSeconds(2)), call.ToString());
    }

    [Fact]
    public void A_lost_path_is_told_while_a_restart_is_under_way_and_the_restart_brings_the_next()
    {
        using var call = new Call(39).Connect();
        call.Network.Drop = _ => true;
        call.Network.RunFor(TimeSpan.FromSeconds(1));
        call.Bridge.Transport.BeginIceRestart(call.Network.Now);
        call.Network.RunFor(TimeSpan.FromSeconds(18));
        Assert.True(call.Bridge.Has<PeerEvent.PathLost>());
        Assert.False(call.Bridge.Has<PeerEvent.Failed>());
        call.Network.Drop = null;
        ExchangeRestart(call);
        Assert.True(call.Network.RunUntil(() => call.Bridge.Has<PeerEvent.IceRestarted>(), TimeSpan.FromSeconds(2)), call.ToString());
        var events = call.Bridge.Events.ToList();
        Assert.True(events.FindIndex(e => e is PeerEvent.PathLost) < events.FindLastIndex(e => e is PeerEvent.SelectedPairChanged));
    }

    /// <summary>The client answers the bridge's new credentials with its own.</summary>
    private static void ExchangeRestart(Call call)
    {
        var bridge = call.Bridge.Transport.RestartingIce!;
        var client = call.Client.Transport.BeginIceRestart(call.Network.Now);
        call.Client.Transport.SetRemoteIce(bridge.Ufrag, bridge.Password, bridge.LocalCandidates, call.Network.Now);
        call.Bridge.Transport.SetRemoteIce(client.Ufrag, client.Password, [], call.Network.Now);
    }
}

using FsCheck.Xunit;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests;

public class IceScenarioTests
{
    private static readonly TransportAddress Bridge = Address("203.0.113.5", 10000);
    private static readonly TransportAddress Client = Address("198.51.100.7", 51000);
    private static readonly TransportAddress Bridge6 = Address("2001:db8::5", 10000);
    private static readonly TransportAddress Client6 = Address("2001:db8:1::7", 51000);
    private static readonly IceAgentOptions Controlling = new() { Role = IceRole.Controlling };
    private static readonly IceAgentOptions Controlled = new() { Role = IceRole.Controlled };

    [Fact]
    public void A_bridge_learns_a_client_that_never_told_its_candidates()
    {
        var network = new VirtualNetwork(1);
        var (bridge, client) = Pair(network);
        bridge.Meet(client, network.Now, withCandidates: false);
        client.Meet(bridge, network.Now, withCandidates: true);

        AssertCompleted(network, bridge, client, TimeSpan.FromMilliseconds(200));
        Assert.Equal(Client, bridge.SelectedRemote);
        Assert.Equal(Bridge, client.SelectedRemote);
        Assert.Equal([IceState.Checking, IceState.Connected, IceState.Completed], bridge.States);
        var discovered = Assert.Single(bridge.Events.OfType<IceEvent.RemoteCandidateDiscovered>()).Candidate;
        Assert.Equal(CandidateType.PeerReflexive, discovered.Type);
        Assert.Equal(CandidatePriority.Compute(CandidateType.PeerReflexive, ushort.MaxValue), discovered.Priority);
    }

    [Fact]
    public void A_check_that_comes_before_the_remote_credentials_is_answered_and_remembered()
    {
        var network = new VirtualNetwork(2);
        var (bridge, client) = Pair(network);
        client.Meet(bridge, network.Now, withCandidates: true);
        Assert.True(network.RunUntil(() => client.Agent.State == IceState.Connected, TimeSpan.FromSeconds(1)), network.ToString());
        Assert.Equal(IceState.New, bridge.Agent.State);
        network.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal(IceState.New, bridge.Agent.State);

        // From now on the client stays silent, so the bridge has nothing but its memory.
        network.Drop = d => d.Source == Client && d.Bytes.Span[0] == 0 && d.Bytes.Span[1] == 1;
        bridge.Meet(client, network.Now, withCandidates: false);
        AssertCompleted(network, bridge, client, TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void Two_told_sides_over_ipv4_and_ipv6_complete_on_the_same_pair()
    {
        var network = new VirtualNetwork(3);
        var bridge = new AgentPeer(network, Controlling, Bridge6, Bridge);
        var client = new AgentPeer(network, Controlled, Client6, Client);
        bridge.Meet(client, network.Now, withCandidates: true);
        client.Meet(bridge, network.Now, withCandidates: true);
        AssertCompleted(network, bridge, client, TimeSpan.FromSeconds(1));
        Assert.Equal(Client6, bridge.SelectedRemote);
        Assert.Equal(Bridge6, client.SelectedRemote);
    }

    [Fact]
    public void Ipv6_that_leads_nowhere_does_not_keep_ipv4_from_completing()
    {
        var network = new VirtualNetwork(4) { Drop = d => !d.Destination.IsIPv4 };
        var bridge = new AgentPeer(network, Controlling, Bridge6, Bridge);
        var client = new AgentPeer(network, Controlled, Client6, Client);
        bridge.Meet(client, network.Now, withCandidates: true);
        client.Meet(bridge, network.Now, withCandidates: true);
        AssertCompleted(network, bridge, client, TimeSpan.FromSeconds(1));
        Assert.Equal(Client, bridge.SelectedRemote);
    }

    [Theory]
    [InlineData(NatKind.FullCone)]
    [InlineData(NatKind.PortRestricted)]
    [InlineData(NatKind.Symmetric)]
    public void A_client_behind_a_nat_is_met_at_its_mapped_address_and_learns_it(NatKind kind)
    {
        var network = new VirtualNetwork(5);
        var inner = Address("192.168.1.20", 50000);
        var (bridge, client) = Pair(network, inner);
        network.PutBehind(new VirtualNat(Address("198.51.100.1", 40000), kind), inner);
        bridge.Meet(client, network.Now, withCandidates: true);
        client.Meet(bridge, network.Now, withCandidates: true);
        AssertCompleted(network, bridge, client, TimeSpan.FromSeconds(2));
        Assert.Equal(Address("198.51.100.1", 40000), bridge.SelectedRemote);
        var learned = Assert.Single(client.Events.OfType<IceEvent.LocalCandidateDiscovered>()).Candidate;
        Assert.Equal(CandidateType.PeerReflexive, learned.Type);
        Assert.Equal(Address("198.51.100.1", 40000), learned.Address);
        Assert.Equal(inner, learned.Base);
    }

    [Theory]
    [InlineData(IceRole.Controlling)]
    [InlineData(IceRole.Controlled)]
    public void Two_of_the_same_role_end_in_different_roles(IceRole role)
    {
        for (var seed = 10UL; seed < 30; seed++)
        {
            var network = new VirtualNetwork(seed, LinkConditions.Rough);
            var a = new AgentPeer(network, new IceAgentOptions { Role = role }, Bridge);
            var b = new AgentPeer(network, new IceAgentOptions { Role = role }, Client);
            a.Meet(b, network.Now, withCandidates: true);
            b.Meet(a, network.Now, withCandidates: true);
            AssertCompleted(network, a, b, TimeSpan.FromSeconds(15));
            Assert.True(a.Agent.Role != b.Agent.Role, network.ToString());
            network.Conditions = LinkConditions.Perfect;
            network.RunFor(TimeSpan.FromSeconds(30));
            Assert.True(a.Agent.State == IceState.Completed && b.Agent.State == IceState.Completed, network.ToString());
        }
    }

    [Property(MaxTest = 60)]
    public void Any_rough_network_lets_both_complete_and_keep_their_consent(ulong seed)
    {
        var network = new VirtualNetwork(seed, LinkConditions.Rough);
        var (bridge, client) = Pair(network);
        bridge.Meet(client, network.Now, withCandidates: seed % 2 == 0);
        client.Meet(bridge, network.Now, withCandidates: true);
        AssertCompleted(network, bridge, client, TimeSpan.FromSeconds(20));
        network.RunFor(TimeSpan.FromMinutes(2));
        Assert.True(bridge.Agent.State == IceState.Completed && client.Agent.State == IceState.Completed, network.ToString());
    }

    [Fact]
    public void Silence_ends_consent_three_seconds_after_the_first_unanswered_check()
    {
        var network = new VirtualNetwork(6);
        var (bridge, client) = Connected(network);
        var silentSince = network.Now;
        network.Drop = _ => true;
        Assert.True(network.RunUntil(() => bridge.Agent.State == IceState.Failed, TimeSpan.FromSeconds(20)), network.ToString());
        Assert.Equal(IceFailure.ConsentExpired, bridge.Agent.Failure);
        Assert.InRange((network.Now - silentSince).TotalSeconds, 3.0, 9.01);
        Assert.False(bridge.Agent.TryGetSelectedPair(out _, out _));
        Assert.Equal(MonotonicTime.Never, bridge.Agent.NextTimeout);
        Assert.True(network.RunUntil(() => client.Agent.State == IceState.Failed, TimeSpan.FromSeconds(20)), network.ToString());
    }

    [Fact]
    public void An_outage_shorter_than_the_retries_is_survived()
    {
        var network = new VirtualNetwork(7);
        var (bridge, client) = Connected(network);
        for (var i = 0; i < 10; i++)
        {
            network.Drop = _ => true;
            network.RunFor(TimeSpan.FromSeconds(2.4));
            network.Drop = null;
            network.RunFor(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(IceState.Completed, bridge.Agent.State);
        Assert.Equal(IceState.Completed, client.Agent.State);
    }

    [Fact]
    public void Without_any_remote_the_agent_fails_after_its_timeout_and_not_before()
    {
        var network = new VirtualNetwork(8);
        var (bridge, client) = Pair(network);
        network.Detach(client);
        bridge.Meet(client, network.Now, withCandidates: true);
        network.RunFor(TimeSpan.FromSeconds(29.9));
        Assert.Equal(IceState.Checking, bridge.Agent.State);
        network.RunFor(TimeSpan.FromSeconds(0.2));
        Assert.Equal(IceState.Failed, bridge.Agent.State);
        Assert.Equal(IceFailure.NoValidPair, bridge.Agent.Failure);
    }

    [Fact]
    public void A_client_that_starts_after_our_checks_gave_up_still_completes()
    {
        var network = new VirtualNetwork(9);
        var (bridge, client) = Pair(network);
        network.Drop = _ => true;
        bridge.Meet(client, network.Now, withCandidates: true);
        network.RunFor(TimeSpan.FromSeconds(20));
        network.Drop = null;
        client.Meet(bridge, network.Now, withCandidates: true);
        AssertCompleted(network, bridge, client, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void When_the_selected_pair_dies_the_other_valid_one_is_nominated_without_a_restart()
    {
        var network = new VirtualNetwork(31);
        var wifi = Client;
        var mobile = Address("198.51.100.99", 52000);
        var bridge = new AgentPeer(network, Controlling, Bridge);
        var client = new AgentPeer(network, Controlled, wifi, mobile);
        bridge.Meet(client, network.Now, withCandidates: false);
        client.Meet(bridge, network.Now, withCandidates: true);
        AssertCompleted(network, bridge, client, TimeSpan.FromSeconds(1));
        network.RunFor(TimeSpan.FromSeconds(1));
        var first = bridge.SelectedRemote;
        var second = first == wifi ? mobile : wifi;
        network.Drop = d => d.Source == first || d.Destination == first;
        Assert.True(network.RunUntil(() => bridge.SelectedRemote == second && bridge.Agent.State == IceState.Completed, TimeSpan.FromSeconds(12)), network.ToString());
        network.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal(IceState.Completed, bridge.Agent.State);
        Assert.Equal(IceState.Completed, client.Agent.State);
    }

    [Fact]
    public void Keep_alives_use_the_selected_pair_alone_and_come_every_five_seconds()
    {
        var network = new VirtualNetwork(32);
        var (bridge, client) = Connected(network);
        network.RunFor(TimeSpan.FromSeconds(2));
        var requests = 0;
        network.Drop = d =>
        {
            if (d.Source == Bridge && d.Bytes.Span[1] == 1 && d.Bytes.Span[0] == 0)
            {
                requests++;
                Assert.Equal(client.Agent.LocalCandidates[0].Address, d.Destination);
            }

            return false;
        };
        network.RunFor(TimeSpan.FromSeconds(100));
        Assert.InRange(requests, 100 / 6, (100 / 4) + 1);
        Assert.Equal(IceState.Completed, bridge.Agent.State);
    }

    private static (AgentPeer Bridge, AgentPeer Client) Pair(VirtualNetwork network, TransportAddress? client = null) =>
        (new AgentPeer(network, Controlling, Bridge), new AgentPeer(network, Controlled, client ?? Client));

    private static (AgentPeer Bridge, AgentPeer Client) Connected(VirtualNetwork network)
    {
        var (bridge, client) = Pair(network);
        bridge.Meet(client, network.Now, withCandidates: false);
        client.Meet(bridge, network.Now, withCandidates: true);
        AssertCompleted(network, bridge, client, TimeSpan.FromSeconds(1));
        return (bridge, client);
    }

    private static void AssertCompleted(VirtualNetwork network, AgentPeer a, AgentPeer b, TimeSpan limit) => Assert.True(
        network.RunUntil(() => a.Agent.State == IceState.Completed && b.Agent.State == IceState.Completed, limit),
        $"{a.Agent.State} and {b.Agent.State}: {network}");

    private static TransportAddress Address(string ip, int port) => TransportAddress.TryParse(ip, port, out var address) ? address : throw new ArgumentException(ip);
}

using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Tcp;

/// <summary>Pairs of TCP beside those of UDP: a passive controlling bridge and an active controlled client (RFC 6544).</summary>
public sealed class TcpPairTests
{
    private static readonly TransportAddress Bridge = Address("203.0.113.5", 10000);
    private static readonly TransportAddress BridgeTcp = Address("203.0.113.5", 4443) with { IsTcp = true };
    private static readonly TransportAddress Client = Address("198.51.100.7", 51000);

    // The same number as by UDP: the two are two ports.
    private static readonly TransportAddress ClientTcp = Client with { IsTcp = true };
    private static readonly TransportAddress SecondTcp = Address("198.51.100.7", 51001) with { IsTcp = true };
    private static readonly IceAgentOptions Controlling = new() { Role = IceRole.Controlling };
    private static readonly IceAgentOptions Controlled = new() { Role = IceRole.Controlled, ChecksTcp = true };

    [Fact]
    public void Where_udp_is_dropped_tcp_is_found_and_nominated()
    {
        var (network, bridge, client) = Meet(d => !d.Destination.IsTcp);
        Assert.True(network.RunUntil(() => bridge.Agent.State == IceState.Completed && client.Agent.State == IceState.Completed, TimeSpan.FromSeconds(5)), network.ToString());
        Assert.Equal((ClientTcp, BridgeTcp), (bridge.SelectedRemote, client.SelectedRemote));
        var discovered = Assert.Single(bridge.Events.OfType<IceEvent.RemoteCandidateDiscovered>()).Candidate;
        Assert.Equal("tcp", discovered.Protocol);

        // The address of the connection is what the answers name: nothing new was learnt of it.
        Assert.Empty(client.Events.OfType<IceEvent.LocalCandidateDiscovered>());
        network.RunFor(TimeSpan.FromMinutes(1));
        Assert.Equal(IceState.Completed, bridge.Agent.State);
    }

    [Fact]
    public void Udp_takes_over_from_tcp_that_was_faster_and_tcp_from_udp_that_dies()
    {
        var blocked = true;
        var (network, bridge, client) = Meet(d => blocked && !d.Destination.IsTcp);
        Assert.True(network.RunUntil(() => bridge.SelectedRemote == ClientTcp && bridge.Agent.State == IceState.Completed, TimeSpan.FromSeconds(5)), network.ToString());
        blocked = false;
        Assert.True(network.RunUntil(() => bridge.SelectedRemote == Client && client.SelectedRemote == Bridge, TimeSpan.FromSeconds(10)), network.ToString());
        Assert.Equal(IceState.Completed, client.Agent.State);

        blocked = true;
        Assert.True(network.RunUntil(() => bridge.SelectedRemote == ClientTcp && client.SelectedRemote == BridgeTcp, TimeSpan.FromSeconds(20)), network.ToString());
        Assert.True(network.RunUntil(() => bridge.Agent.State == IceState.Completed, TimeSpan.FromSeconds(5)), network.ToString());
    }

    [Fact]
    public void A_connection_that_ends_gives_way_to_udp_at_once()
    {
        var blocked = true;
        var (network, bridge, client) = Meet(d => blocked && !d.Destination.IsTcp);
        Assert.True(network.RunUntil(() => bridge.SelectedRemote == ClientTcp, TimeSpan.FromSeconds(5)), network.ToString());
        blocked = false;
        Assert.True(network.RunUntil(() => bridge.SelectedRemote == Client, TimeSpan.FromSeconds(10)), network.ToString());
        bridge.Agent.HandleConnectionClosed(BridgeTcp, ClientTcp, network.Now);
        client.Agent.HandleConnectionClosed(ClientTcp, BridgeTcp, network.Now);
        network.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal((IceState.Completed, Client), (bridge.Agent.State, bridge.SelectedRemote));
    }

    [Fact]
    public void A_client_whose_only_connection_broke_goes_on_by_another_without_a_restart()
    {
        var (network, bridge, client) = Meet(d => !d.Destination.IsTcp);
        Assert.True(network.RunUntil(() => bridge.Agent.State == IceState.Completed, TimeSpan.FromSeconds(5)), network.ToString());
        bridge.Agent.HandleConnectionClosed(BridgeTcp, ClientTcp, network.Now);
        client.Agent.HandleConnectionClosed(ClientTcp, BridgeTcp, network.Now);
        network.Drain();
        network.RunFor(TimeSpan.FromMilliseconds(500));
        Assert.NotEqual(IceState.Failed, bridge.Agent.State);

        network.Attach(client, SecondTcp);
        client.Agent.AddLocalCandidate(Candidate.CreateTcpActive(SecondTcp));
        client.HandleTimeout(network.Now);
        Assert.True(network.RunUntil(() => bridge.SelectedRemote == SecondTcp && bridge.Agent.State == IceState.Completed, TimeSpan.FromSeconds(3)), network.ToString());
        network.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal((IceState.Completed, SecondTcp), (bridge.Agent.State, bridge.SelectedRemote));
    }

    [Fact]
    public void A_client_whose_connection_broke_and_that_does_not_come_back_is_given_up_with_its_consent()
    {
        var (network, bridge, _) = Meet(d => !d.Destination.IsTcp);
        Assert.True(network.RunUntil(() => bridge.Agent.State == IceState.Completed, TimeSpan.FromSeconds(5)), network.ToString());
        network.Drop = _ => true;
        bridge.Agent.HandleConnectionClosed(BridgeTcp, ClientTcp, network.Now);
        Assert.True(network.RunUntil(() => bridge.Agent.State == IceState.Failed, TimeSpan.FromSeconds(10)), network.ToString());
        Assert.Equal(IceFailure.ConsentExpired, bridge.Agent.Failure);
    }

    [Fact]
    public void Tcp_candidates_that_a_client_tells_are_not_checked_by_the_passive_side()
    {
        var network = new VirtualNetwork(84);
        var bridge = new AgentPeer(network, Controlling, Bridge, BridgeTcp);
        var seen = new List<TransportAddress>();
        network.Drop = d =>
        {
            seen.Add(d.Destination);
            return true;
        };
        bridge.Agent.AddRemoteCandidate(Candidate.CreateTcpPassive(ClientTcp, ClientTcp, 0), network.Now);
        bridge.Agent.AddRemoteCandidate(Candidate.CreateHost(Client), network.Now);
        bridge.Agent.SetRemoteCredentials("abcdefgh", "abcdefghijklmnopqrstuvwx", network.Now);
        network.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal([Client], seen.Distinct());
    }

    [Fact]
    public void Tcp_ranks_below_udp_of_every_direct_kind()
    {
        var best = CandidatePriority.ComputeTcp(CandidateType.Host, ushort.MaxValue, isActive: true);
        Assert.True(best < CandidatePriority.Compute(CandidateType.ServerReflexive, 0));
        Assert.True(best > CandidatePriority.Compute(CandidateType.Relayed, ushort.MaxValue));

        // RFC 6544 section 4.2: 2^13 * direction preference, 4 for passive and 6 for active.
        Assert.Equal((90u << 24) | (((4u << 13) + 5) << 8) | 255, CandidatePriority.ComputeTcp(CandidateType.Host, 5, isActive: false));
        Assert.Equal((90u << 24) | (((6u << 13) + 8191) << 8) | 255, best);
        var plain = Candidate.CreateTcpPassive(BridgeTcp, BridgeTcp, 1);
        var pretended = Candidate.CreateTcpPassive(BridgeTcp, BridgeTcp, 0, "ssltcp");
        Assert.Equal(("tcp", "ssltcp", "passive"), (plain.Protocol, pretended.Protocol, pretended.TcpType));
        Assert.NotEqual(plain.Foundation, pretended.Foundation);
        Assert.NotEqual(plain.Foundation, Candidate.CreateHost(Bridge).Foundation);
        Assert.Equal("203.0.113.5:4443/tcp", BridgeTcp.ToString());
    }

    private static (VirtualNetwork Network, AgentPeer Bridge, AgentPeer Client) Meet(Func<VirtualDatagram, bool> drop)
    {
        var network = new VirtualNetwork(83) { Drop = drop };
        var bridge = new AgentPeer(network, Controlling, Bridge, BridgeTcp);
        var client = new AgentPeer(network, Controlled, Client, ClientTcp);
        bridge.Meet(client, network.Now, withCandidates: false);
        client.Meet(bridge, network.Now, withCandidates: true);
        return (network, bridge, client);
    }

    private static TransportAddress Address(string address, int port) => TransportAddress.TryParse(address, port, out var result) ? result : throw new FormatException(address);
}

using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests;

/// <summary>An agent at one or more addresses of a virtual network, with a record of its datagrams and events.</summary>
internal sealed class AgentPeer : INetworkPeer
{
    public AgentPeer(VirtualNetwork network, IceAgentOptions options, params TransportAddress[] addresses)
    {
        Agent = new IceAgent(options, new SeededRandomSource(network.Seed ^ addresses[0].Low ^ addresses[0].Port));
        var preference = ushort.MaxValue;
        foreach (var address in addresses) Agent.AddLocalCandidate(!address.IsTcp ? Candidate.CreateHost(address, preference--) : options.ChecksTcp ? Candidate.CreateTcpActive(address) : Candidate.CreateTcpPassive(address, address, 0));
        network.Attach(this, addresses);
    }

    public IceAgent Agent { get; }

    public List<IceEvent> Events { get; } = [];

    public List<IceInput> Inputs { get; } = [];

    public MonotonicTime NextTimeout => Agent.NextTimeout;

    public IEnumerable<IceState> States
    {
        get
        {
            Collect();
            return Events.OfType<IceEvent.StateChanged>().Select(e => e.State);
        }
    }

    public TransportAddress SelectedRemote => Agent.TryGetSelectedPair(out _, out var remote) ? remote : default;

    public void HandleTimeout(MonotonicTime now) => Agent.HandleTimeout(now);

    public void HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now) =>
        Inputs.Add(Agent.HandleStun(datagram, local, remote, now));

    public bool TryDequeueTransmit(out VirtualDatagram datagram)
    {
        Collect();
        var found = Agent.TryDequeueTransmit(out var transmit);
        datagram = new VirtualDatagram(transmit.Local, transmit.Remote, transmit.Datagram);
        return found;
    }

    /// <summary>Passes the description of the other agent, with or without its candidates.</summary>
    public void Meet(AgentPeer other, MonotonicTime now, bool withCandidates)
    {
        if (withCandidates)
        {
            foreach (var candidate in other.Agent.LocalCandidates) Agent.AddRemoteCandidate(candidate, now);
        }

        Agent.SetRemoteCredentials(other.Agent.Ufrag, other.Agent.Password, now);
    }

    private void Collect()
    {
        while (Agent.TryDequeueEvent(out var iceEvent)) Events.Add(iceEvent);
    }
}

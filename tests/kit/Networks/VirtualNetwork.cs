using JitsiMesh.Primitives;

namespace JitsiMesh.Kit.Networks;

/// <summary>
/// Datagrams between peers in virtual time, with all randomness from one seed. Each step advances to the earliest delivery or deadline, so seconds of a scenario take
/// milliseconds and the same seed gives the same run.
/// </summary>
public sealed class VirtualNetwork
{
    private const int MaxStepsWithoutTime = 20_000;

    private readonly SeededRandomSource _random;
    private readonly Dictionary<TransportAddress, INetworkPeer> _byAddress = [];
    private readonly List<INetworkPeer> _peers = [];
    private readonly Dictionary<TransportAddress, VirtualNat> _natOf = [];
    private readonly List<VirtualNat> _nats = [];
    private readonly PriorityQueue<VirtualDatagram, (long Time, long Order)> _underWay = new();
    private long _order;
    private bool _lostLast;

    public VirtualNetwork(ulong seed, LinkConditions? conditions = null)
    {
        Seed = NetworkSeed.Of(seed);
        Conditions = conditions ?? LinkConditions.Perfect;
        _random = new SeededRandomSource(Seed);
    }

    public ulong Seed { get; }

    /// <summary>May change in the middle of a run.</summary>
    public LinkConditions Conditions { get; set; }

    /// <summary>Starts at an hour instead of zero, to detect machines that treat zero as "never".</summary>
    public MonotonicTime Now { get; private set; } = MonotonicTime.FromSeconds(3600);

    /// <summary>Datagrams for which it is true disappear: a broken path, a firewall, a listener. Source is as the destination would see it.</summary>
    public Func<VirtualDatagram, bool>? Drop { get; set; }

    public int Sent { get; private set; }

    public int Delivered { get; private set; }

    public void Attach(INetworkPeer peer, params TransportAddress[] addresses)
    {
        if (!_peers.Contains(peer)) _peers.Add(peer);
        foreach (var address in addresses) _byAddress[address] = peer;
    }

    /// <summary>Datagrams under way to it are lost.</summary>
    public void Detach(INetworkPeer peer)
    {
        _peers.Remove(peer);
        foreach (var address in _byAddress.Where(p => p.Value.Equals(peer)).Select(p => p.Key).ToArray()) _byAddress.Remove(address);
    }

    public void PutBehind(VirtualNat nat, params TransportAddress[] innerAddresses)
    {
        if (!_nats.Contains(nat)) _nats.Add(nat);
        foreach (var address in innerAddresses) _natOf[address] = nat;
    }

    /// <summary>Sends a datagram that no peer made.</summary>
    public void Inject(VirtualDatagram datagram) => Send(datagram);

    /// <summary>Collects the output of every peer. Call it after using a peer from outside; the steps do it themselves.</summary>
    public void Drain()
    {
        foreach (var peer in _peers.ToArray())
        {
            while (peer.TryDequeueTransmit(out var datagram)) Send(datagram);
        }
    }

    /// <summary>Runs until the condition holds.</summary>
    /// <returns>False: it did not within the limit.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = Now + limit;
        var steps = 0;
        Drain();
        while (!condition())
        {
            var next = NextEvent();
            if (next > end)
            {
                Now = end;
                return false;
            }

            steps = next > Now ? 0 : steps + 1;
            if (steps > MaxStepsWithoutTime) throw new InvalidOperationException($"A peer does not move its deadline (seed {Seed}, {Now}).");
            Now = MonotonicTime.Max(Now, next);
            Step();
        }

        return true;
    }

    public void RunFor(TimeSpan span) => RunUntil(static () => false, span);

    public override string ToString() => FormattableString.Invariant($"seed {Seed} ({NetworkSeed.Variable}), {Now}, sent {Sent}, delivered {Delivered}");

    private MonotonicTime NextEvent()
    {
        var next = _underWay.TryPeek(out _, out var head) ? new MonotonicTime(head.Time) : MonotonicTime.Never;
        foreach (var peer in _peers) next = MonotonicTime.Min(next, peer.NextTimeout);
        return next;
    }

    private void Step()
    {
        if (_underWay.TryPeek(out _, out var head) && head.Time <= Now.Nanoseconds) Deliver(_underWay.Dequeue());
        foreach (var peer in _peers.ToArray())
        {
            if (peer.NextTimeout <= Now) peer.HandleTimeout(Now);
        }

        Drain();
    }

    private void Deliver(VirtualDatagram datagram)
    {
        var destination = datagram.Destination;
        if (_nats.Find(n => n.Owns(destination)) is { } nat)
        {
            if (nat.Incoming(destination, datagram.Source) is not { } inner) return;
            destination = inner;
        }
        else if (_natOf.TryGetValue(destination, out var behind) && !SharesNat(datagram.Source, behind))
        {
            return;
        }

        if (!_byAddress.TryGetValue(destination, out var peer)) return;
        Delivered++;
        peer.HandleDatagram(datagram.Bytes.ToArray(), destination, datagram.Source, Now);
    }

    private bool SharesNat(TransportAddress source, VirtualNat nat) => _natOf.TryGetValue(source, out var other) && other == nat;

    private void Send(VirtualDatagram datagram)
    {
        Sent++;
        var source = datagram.Source;
        if (_natOf.TryGetValue(source, out var nat) && !SharesNat(datagram.Destination, nat)) source = nat.Outgoing(source, datagram.Destination);

        // The sender may reuse its buffer once this returns.
        var copy = new VirtualDatagram(source, datagram.Destination, datagram.Bytes.ToArray());
        if (Drop?.Invoke(copy) == true || IsLost()) return;
        Enqueue(copy);
        if (_random.NextDouble() < Conditions.Duplication) Enqueue(copy);
    }

    private bool IsLost()
    {
        var probability = _lostLast && Conditions.BurstLoss > 0 ? Conditions.BurstLoss : Conditions.Loss;
        _lostLast = _random.NextDouble() < probability;
        return _lostLast;
    }

    private void Enqueue(VirtualDatagram datagram)
    {
        var delay = Conditions.Latency + (Conditions.Jitter * _random.NextDouble());
        if (_random.NextDouble() < Conditions.Reordering) delay += Conditions.ReorderingDelay;
        _underWay.Enqueue(datagram, ((Now + delay).Nanoseconds, _order++));
    }
}

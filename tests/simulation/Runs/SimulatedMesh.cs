using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling;
using JitsiMesh.Simulation.Tests.Clients;
using JitsiMesh.Simulation.Tests.Nodes;
using JitsiMesh.Simulation.Tests.Scheduling;

namespace JitsiMesh.Simulation.Tests.Runs;

/// <summary>A whole mesh on virtual time: signalling and focus nodes, bridges, clients, and who owns what.</summary>
public sealed class SimulatedMesh : IDisposable
{
    public const string Domain = "meet.jitsi";

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private readonly SimulatedBroker _broker;
    private readonly SignallingFeatures _features;
    private readonly FocusOptions _focusOptions = new();
    private readonly SignallingMetrics _metrics = new();
    private readonly IRandomSource _ids;
    private readonly Dictionary<(string Role, int Partition), SimulatedNode> _owners = [];
    private readonly Dictionary<string, HashSet<SimulatedNode>> _members = new(StringComparer.Ordinal) { ["signalling"] = [], ["focus"] = [] };
    private readonly List<SimulatedSignalling> _signalling = [];
    private readonly List<SimulatedFocus> _focus = [];
    private int _nodes;

    public SimulatedMesh(ulong seed)
    {
        Scheduler = new SimulatedScheduler(seed);
        _ids = new SeededRandomSource(seed + 1);
        Store = new InMemoryMeshStore(Scheduler.Time);
        _broker = new SimulatedBroker(Scheduler) { DiesBeforeAck = DiesBeforeAck };
        _features = new SignallingFeatures(new SignallingOptions { NodeGoneGrace = TimeSpan.FromMilliseconds(500) });
        Bridges = [new SimulatedBridge("bridge-a"), new SimulatedBridge("bridge-b")];
        Rooms = [.. Enumerable.Range(0, 1 + Scheduler.Number(2)).Select(i => $"room{i}@muc.{Domain}")];
        Clients = [.. Enumerable.Range(0, 3 + Scheduler.Number(4)).Select(i => new SimulatedClient(i, this))];
        for (var i = 0; i < 2 + Scheduler.Number(2); i++) StartSignalling();
        for (var i = 0; i < 2; i++) StartFocus();
        Scheduler.After(Beat, OnBeat);
    }

    public SimulatedScheduler Scheduler { get; }

    public InMemoryMeshStore Store { get; }

    public IReadOnlyList<SimulatedBridge> Bridges { get; }

    public IReadOnlyList<string> Rooms { get; }

    public IReadOnlyList<SimulatedClient> Clients { get; }

    public IReadOnlyList<SimulatedSignalling> LiveSignalling => [.. _signalling.Where(node => node.IsAlive)];

    public IReadOnlyList<SimulatedFocus> LiveFocus => [.. _focus.Where(node => node.IsAlive)];

    /// <summary>What was said, by whom, when.</summary>
    public List<(ClientSession Session, string Text, TimeSpan At)> Speech { get; } = [];

    /// <summary>The chance that a consumer dies between being done with an envelope and saying so.</summary>
    public double AckDeaths { get; set; }

    public void Said(ClientSession session, string text) => Speech.Add((session, text, Scheduler.Time.Elapsed));

    public SimulatedSignalling? SignallingOwner(string room) => _owners.GetValueOrDefault(("signalling", Partitions.Of(room))) as SimulatedSignalling;

    public SimulatedFocus? FocusOwner(string room) => _owners.GetValueOrDefault(("focus", Partitions.Of(room))) as SimulatedFocus;

    public void StartSignalling()
    {
        var node = new SimulatedSignalling($"s{++_nodes}", Scheduler, _broker, Store, _features, _ids, _metrics, Crash);
        _signalling.Add(node);
        Join("signalling", node);
    }

    public void StartFocus()
    {
        var node = new SimulatedFocus($"f{++_nodes}", Scheduler, _broker, Store, _focusOptions, _ids, Bridges, Crash);
        _focus.Add(node);
        foreach (var bridge in Bridges) Scheduler.After(Scheduler.Milliseconds(1, 300), () => Report(bridge, node));
        Join("focus", node);
    }

    /// <summary>A process dies: its sessions with it. The others learn of it a little later.</summary>
    public void Crash(SimulatedNode node)
    {
        if (!node.IsAlive) return;
        Scheduler.Note(() => $"{node.Id} DIES");
        node.Die();
        var role = node is SimulatedSignalling ? "signalling" : "focus";
        foreach (var ((ownedRole, partition), owner) in _owners.Where(pair => pair.Value == node).ToList())
        {
            _broker.Consume(LinkQueue.Partition(ownedRole, partition), null);
            _owners.Remove((ownedRole, partition));
        }

        if (node is SimulatedSignalling signalling)
        {
            _broker.Consume(signalling.Queue, null);
            foreach (var client in Clients) client.NodeDied(signalling);
        }

        Scheduler.After(Scheduler.Milliseconds(50, 400), () =>
        {
            _members[role].Remove(node);
            Balance(role);
        });
        Scheduler.After(Scheduler.Milliseconds(20, 900), () =>
        {
            if (role == "signalling") StartSignalling();
            else StartFocus();
        });
    }

    /// <summary>The others take a node for dead that only stood still: it goes on with what it had, and is let in again a little later.</summary>
    public void Isolate(SimulatedNode node)
    {
        var role = node is SimulatedSignalling ? "signalling" : "focus";
        if (_members[role].Count < 2 || !_members[role].Remove(node)) return;
        Scheduler.Note(() => $"{node.Id} is taken for dead");
        // Longer than any call of its is under way.
        Scheduler.After(Scheduler.Milliseconds(30, 100), () => Balance(role, told: false));
        Scheduler.After(Scheduler.Milliseconds(100, 400), () =>
        {
            // It learns what it has lost, at the latest, when it is back.
            foreach (var partition in Rooms.Select(Partitions.Of).Distinct().Where(partition => _owners.GetValueOrDefault((role, partition)) != node)) Lose(node, partition);
            if (!node.IsAlive) return;
            _members[role].Add(node);
            Balance(role);
        });
    }

    public void StopFaults()
    {
        _broker.SlowMilliseconds = 0;
        AckDeaths = 0;
        foreach (var node in LiveSignalling) node.ArmCrash(int.MaxValue, after: false);
        foreach (var node in LiveFocus) node.ArmCrash(int.MaxValue, after: false);
    }

    public void Dispose() => _metrics.Dispose();

    private void Join(string role, SimulatedNode node)
    {
        Scheduler.Note(() => $"{node.Id} starts");
        Scheduler.After(Scheduler.Milliseconds(1, 200), () =>
        {
            if (!node.IsAlive) return;
            _members[role].Add(node);
            Balance(role);
        });
    }

    // As the link does it: the one that should own is chosen by hash, and acquires after the one before has stopped.
    private void Balance(string role, bool told = true)
    {
        foreach (var partition in Rooms.Select(Partitions.Of).Distinct())
        {
            var nextId = RendezvousHash.Owner(role, partition, _members[role].Select(node => node.Id));
            var next = _members[role].FirstOrDefault(node => node.Id == nextId);
            var current = _owners.GetValueOrDefault((role, partition));
            if (next == current || next is not { IsAlive: true }) continue;
            if (current is not null)
            {
                _broker.Consume(LinkQueue.Partition(role, partition), null);
                if (told) Lose(current, partition);
            }

            var epoch = SimulatedNode.Run(Store.NextAsync(OwnershipKeys.Epoch(role, partition)));
            Scheduler.Note(() => $"{nextId} owns {role}.{partition} in epoch {epoch}");
            _owners[(role, partition)] = next;
            QueueConsumer consume;
            if (next is SimulatedSignalling rooms)
            {
                if (!rooms.Acquire(partition, epoch)) continue;
                consume = rooms.Consume;
            }
            else
            {
                var conferences = (SimulatedFocus)next;
                if (!conferences.Acquire(partition, epoch)) continue;
                consume = conferences.Consume;
            }

            _broker.Consume(LinkQueue.Partition(role, partition), consume);
        }
    }

    private static void Lose(SimulatedNode node, int partition)
    {
        if (node is SimulatedSignalling signalling) signalling.Lose(partition);
        else ((SimulatedFocus)node).Lose(partition);
    }

    private bool DiesBeforeAck(LinkQueue queue)
    {
        if (AckDeaths == 0 || !Scheduler.Chance(AckDeaths)) return false;
        var owner = _owners.FirstOrDefault(pair => LinkQueue.Partition(pair.Key.Role, pair.Key.Partition) == queue).Value;
        if (owner is null) return false;
        Crash(owner);
        return true;
    }

    private void OnBeat()
    {
        var live = LiveSignalling.Select(node => node.Queue.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in LiveSignalling) node.Beat(live);
        Scheduler.After(Beat, OnBeat);
    }

    private void Report(SimulatedBridge bridge, SimulatedFocus node)
    {
        if (!node.IsAlive) return;
        node.Observe(bridge.Report(Scheduler.Time));
        Scheduler.After(TimeSpan.FromSeconds(3), () => Report(bridge, node));
    }
}

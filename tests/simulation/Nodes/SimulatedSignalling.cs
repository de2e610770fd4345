using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Simulation.Tests.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Simulation.Tests.Nodes;

/// <summary>A signalling process: the real rooms, the real order of write and delivery, and sessions whose sockets are simulated clients.</summary>
public sealed class SimulatedSignalling : SimulatedNode
{
    private readonly SimulatedScheduler _scheduler;
    private readonly SignallingFeatures _features;
    private readonly IRandomSource _random;
    private readonly MailboxServices _services;
    private readonly SimulatedLink _link;
    private readonly MeshClock _clock;
    private readonly NodeConsumer _consumer;
    private readonly Action<SimulatedNode> _crashed;
    private readonly Dictionary<int, Owned> _owned = [];

    public SimulatedSignalling(string id, SimulatedScheduler scheduler, SimulatedBroker broker, IMeshStore store, SignallingFeatures features, IRandomSource random, SignallingMetrics metrics, Action<SimulatedNode> crashed)
        : base(id)
    {
        _scheduler = scheduler;
        _features = features;
        _random = random;
        _crashed = crashed;
        _clock = new MeshClock(scheduler.Time);
        _link = new SimulatedLink(broker, this);
        Sessions = new SessionRegistry(_clock, metrics);
        Router = features.CreateRouter(random);
        _services = new MailboxServices(new SimulatedStore(store, this), new Deliverer(Sessions, _link, metrics, NullLogger<Deliverer>.Instance), _clock, metrics, NullLogger<PartitionMailbox>.Instance);
        _consumer = new NodeConsumer(Sessions, metrics, mark =>
        {
            if (_owned.TryGetValue(OwnershipMark.PartitionOf(mark), out var owned)) owned.Rooms.Release(mark, _clock.Now);
        });
        Queue = LinkQueue.Node("signalling", id);
        broker.Consume(Queue, (queue, envelope) => Guard(() =>
        {
            Run(_consumer.ConsumeAsync(queue, envelope, CancellationToken.None));
            return true;
        }));
    }

    public LinkQueue Queue { get; }

    public SessionRegistry Sessions { get; }

    public StanzaRouter Router { get; }

    public MeshInstant Now => _clock.Now;

    public RoomPartition? Rooms(int partition) => _owned.GetValueOrDefault(partition)?.Rooms.Rooms;

    public long? Epoch(int partition) => _owned.GetValueOrDefault(partition)?.Rooms.Epoch;

    public bool Acquire(int partition, long epoch) => Guard(() =>
    {
        var owned = new Owned(Run(OwnedRooms.AcquireAsync(_features.CreatePartition(partition, _random), epoch, _services, CancellationToken.None)));
        _owned[partition] = owned;
        Run(owned.Rooms.MarkAsync(CancellationToken.None));
        return true;
    });

    public bool Lose(int partition) => Guard(() =>
    {
        if (!_owned.Remove(partition, out var owned)) return true;
        Run(owned.Rooms.LeaveAsync(owned.Waiting, CancellationToken.None));
        return true;
    });

    /// <summary>A stanza of a session of this node.</summary>
    public void Post(RoomInput input) => Guard(() =>
    {
        var partition = Partitions.Of(input.Room);
        if (!_owned.TryGetValue(partition, out var owned))
        {
            Run(_link.SendAsync(LinkQueue.Partition("signalling", partition), input.ToEnvelope()));
            return true;
        }

        owned.Waiting.Add(input);
        if (owned.Waiting.Count == 1) _scheduler.After(_scheduler.Milliseconds(0, 2), () => Guard(() => !_owned.ContainsValue(owned) || Step(partition, owned, null)));
        return true;
    });

    public bool Consume(LinkQueue queue, StanzaEnvelope envelope) => Guard(() =>
    {
        var partition = OwnershipMark.Is(envelope) ? OwnershipMark.PartitionOf(envelope) : Partitions.Of(envelope.Room);
        if (!_owned.TryGetValue(partition, out var owned)) return false;
        if (!OwnershipMark.Is(envelope)) return Step(partition, owned, owned.Rooms.Read(envelope, _features.Domains));
        owned.Rooms.Release(envelope, _clock.Now);
        return Step(partition, owned, null);
    });

    public void Beat(IReadOnlySet<string> liveQueues)
    {
        foreach (var (partition, owned) in _owned.ToList())
        {
            Guard(() =>
            {
                owned.Rooms.Rooms.LiveQueues(liveQueues, _clock.Now);
                if (owned.Rooms.Rooms.Deadline > _clock.Now.Now) return true;
                owned.Rooms.Tick(_clock.Now);
                return Complete(partition, owned, []);
            });
        }
    }

    private bool Step(int partition, Owned owned, RoomInput? last)
    {
        RoomInput[] own = [.. owned.Waiting];
        owned.Waiting.Clear();
        foreach (var input in own) owned.Rooms.HandleOwn(input, _clock.Now);
        if (last is not null) owned.Rooms.Handle(last, _clock.Now);
        return Complete(partition, owned, own);
    }

    private bool Complete(int partition, Owned owned, RoomInput[] own)
    {
        // A room that fails puts itself back, which is for production: here it is a bug found.
        if (owned.Rooms.Failures > 0) throw new InvalidOperationException($"A room of partition {partition} failed on {Id}.");
        if (Run(owned.Rooms.CompleteAsync(CancellationToken.None))) return true;
        _scheduler.Note(() => $"{Id} is fenced off {partition}");
        _owned.Remove(partition);
        Run(owned.Rooms.LeaveAsync([.. own, .. owned.Waiting], CancellationToken.None));
        return false;
    }

    private bool Guard(Func<bool> action)
    {
        if (!IsAlive) return false;
        try
        {
            return action();
        }
        catch (OperationCanceledException)
        {
            _crashed(this);
            return false;
        }
    }

    private sealed record Owned(OwnedRooms Rooms)
    {
        public List<RoomInput> Waiting { get; } = [];
    }
}

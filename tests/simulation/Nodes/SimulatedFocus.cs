using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Focus;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Simulation.Tests.Scheduling;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Simulation.Tests.Nodes;

/// <summary>A focus process: the real conferences and the real order of write, send and call.</summary>
public sealed class SimulatedFocus : SimulatedNode
{
    private readonly SimulatedScheduler _scheduler;
    private readonly FocusOptions _options;
    private readonly IRandomSource _random;
    private readonly SimulatedLink _link;
    private readonly IMeshStore _store;
    private readonly FocusClock _clock;
    private readonly CapsCache _caps = new();
    private readonly BridgePool _pool;
    private readonly IReadOnlyList<SimulatedBridge> _bridges;
    private readonly Action<SimulatedNode> _crashed;
    private readonly Dictionary<int, Partition> _owned = [];

    public SimulatedFocus(string id, SimulatedScheduler scheduler, SimulatedBroker broker, IMeshStore store, FocusOptions options, IRandomSource random, IReadOnlyList<SimulatedBridge> bridges, Action<SimulatedNode> crashed)
        : base(id)
    {
        _scheduler = scheduler;
        _options = options;
        _random = random;
        _crashed = crashed;
        _bridges = bridges;
        _link = new SimulatedLink(broker, this);
        _store = new SimulatedStore(store, this);
        _clock = new FocusClock(scheduler.Time);
        _pool = new BridgePool(options.Bridges);
    }

    public IEnumerable<Conference> Conferences(int partition) => _owned.TryGetValue(partition, out var owned) ? owned.Running.Values.Select(one => one.Conference) : [];

    public long? Epoch(int partition) => _owned.TryGetValue(partition, out var owned) ? owned.Epoch : null;

    public void Observe(BridgeStatusReported status)
    {
        var before = _pool.Snapshot(_clock.Now).Bridges.Count;
        _pool.Observe(status, _clock.Now);
        if (_pool.Snapshot(_clock.Now).Bridges.Count == before) return;
        foreach (var running in _owned.Values.SelectMany(owned => owned.Running.Values).ToList()) Guard(() => Step(running, new BridgesChanged()));
    }

    public bool Acquire(int partition, long epoch) => Guard(() =>
    {
        var owned = new Partition(epoch);
        _owned[partition] = owned;
        foreach (var key in Run(_store.KeysAsync(ConferenceDocument.KeyPrefix(partition))).Order(StringComparer.Ordinal))
        {
            Run(_store.WriteAsync(key, epoch, new DocumentChange()));
            if (Run(_store.ReadAsync(key)) is not { } stored) continue;
            var document = ConferenceDocument.TryLoad(stored.Fields, out var outbox) ?? throw new InvalidOperationException("A stored conference cannot be read.");
            var running = Begin(owned, new Conference(document, _options, _random));
            Step(running, new TakenOver(outbox));
            if (running.IsRunning) Step(running, new BridgesChanged());
        }

        return true;
    });

    public bool Lose(int partition)
    {
        if (!_owned.Remove(partition, out var owned)) return IsAlive;
        foreach (var running in owned.Running.Values) (running.IsRunning, running.IsLost) = (false, true);
        return IsAlive;
    }

    public bool Consume(LinkQueue queue, StanzaEnvelope envelope) => Guard(() =>
    {
        var partition = Partitions.Of(envelope.Room);
        if (!_owned.TryGetValue(partition, out var owned)) return false;
        if (!XmppParser.TryParse(envelope.Stanza, out var stanza, out _)) throw new InvalidOperationException("A stanza on the link cannot be read.");
        if (!owned.Running.TryGetValue(envelope.Room, out var running))
        {
            if (!ConferenceRequest.Is(stanza) || ConferenceAdmission.Decide(stanza, envelope.Origin, exists: false, _options, _clock.Now).Refusal is not null)
            {
                if (Stanzas.IsRequest(stanza)) Run(_link.SendAsync(LinkQueue.Partition("signalling", partition), FocusPartitions.Refusal(envelope, stanza, StanzaError.ItemNotFound, owned.Epoch)));
                return true;
            }

            running = Begin(owned, new Conference(envelope.Room, _options, _random));
        }

        return Step(running, new StanzaReceived(envelope, stanza));
    });

    private Running Begin(Partition owned, Conference conference)
    {
        var running = new Running(this, owned, conference);
        owned.Running[conference.Room] = running;
        return running;
    }

    private bool Step(Running running, ConferenceInput input)
    {
        if (!running.IsRunning) return false;
        switch (Run(ConferenceStep.RunAsync(running.Conference, input, running.Owned.Epoch, running)))
        {
            case StepOutcome.GoesOn:
                PlanTick(running);
                return true;
            case StepOutcome.Ended:
                running.IsRunning = false;
                running.Owned.Running.Remove(running.Conference.Room);
                return true;
            default:
                _scheduler.Note(() => $"{Id} is fenced off {running.Conference.Room}");
                running.IsRunning = false;
                running.IsLost = true;
                running.Owned.Running.Remove(running.Conference.Room);
                return false;
        }
    }

    private void PlanTick(Running running)
    {
        var next = running.Conference.NextDeadline;
        if (next == MonotonicTime.Never || next == running.PlannedTick) return;
        running.PlannedTick = next;
        var due = next - _clock.Now;
        _scheduler.After((due < TimeSpan.Zero ? TimeSpan.Zero : due) + TimeSpan.FromMilliseconds(1), () =>
        {
            if (running.PlannedTick != next) return;
            running.PlannedTick = MonotonicTime.Never;
            Guard(() => Step(running, new Tick()));
        });
    }

    private void Call(Running running, CallBridge call)
    {
        if (!running.Calls.TryGetValue(call.BridgeId, out var line)) running.Calls[call.BridgeId] = line = new Queue<CallBridge>();
        line.Enqueue(call);
        if (line.Count == 1) MakeCall(running, line);
    }

    private void MakeCall(Running running, Queue<CallBridge> line)
    {
        var call = line.Peek();
        var bridge = _bridges.Single(one => one.Id == call.BridgeId);
        _scheduler.After(_scheduler.Milliseconds(0.2, 10), () =>
        {
            // A process that died has its calls cancelled; some of them arrive nevertheless.
            if (!IsAlive && _scheduler.Chance(0.5)) return;
            var reply = bridge.Modify(call.Request);
            _scheduler.Note(() => $"{bridge.Id} {(reply.Response is null ? reply.Failure.ToString() : "did")} {call.Call} {call.Request}");
            _scheduler.After(SimulatedBridge.AnswerTime(_scheduler), () =>
            {
                // The next owner makes the calls that are still queued.
                if (!IsAlive || running.IsLost) return;
                line.Dequeue();
                if (line.Count > 0) MakeCall(running, line);
                Guard(() => Step(running, new BridgeReplied(call.Call, reply)));
            });
        });
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

    private sealed class Partition(long epoch)
    {
        public long Epoch { get; } = epoch;

        public Dictionary<string, Running> Running { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Running(SimulatedFocus node, Partition owned, Conference conference) : IConferenceWorld
    {
        public Partition Owned { get; } = owned;

        public Conference Conference { get; } = conference;

        public bool IsRunning { get; set; } = true;

        public bool IsLost { get; set; }

        public MonotonicTime PlannedTick { get; set; } = MonotonicTime.Never;

        public Dictionary<string, Queue<CallBridge>> Calls { get; } = new(StringComparer.Ordinal);

        public ConferenceContext Context => new(node._clock.Now, node._pool.Snapshot(node._clock.Now), node._caps.Known);

        public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change) => node._store.WriteAsync(key, epoch, change);

        public async ValueTask DeleteAsync(string key, long epoch) => await node._store.DeleteAsync(key, epoch);

        public ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope) => node._link.SendAsync(queue, envelope);

        public void Tell(ConferenceOutput output)
        {
            switch (output)
            {
                case CallBridge call:
                    node.Call(this, call);
                    break;
                case CapsLearned learned:
                    node._caps.Learn(learned.Caps, learned.Features);
                    break;
                case EndpointPlaced placed:
                    node._pool.EndpointPlaced(placed.BridgeId, node._clock.Now);
                    break;
                case BridgeFailed failed:
                    node._pool.Unreachable(failed.BridgeId, failed.Instance, node._clock.Now);
                    break;
                case AllocationFailed failed:
                    node._pool.AllocationFailed(failed.BridgeId, failed.Instance, Conference.Room, node._clock.Now);
                    break;
                case BridgeLeaving leaving:
                    node._pool.EnteredGracefulShutdown(leaving.BridgeId, leaving.Instance);
                    break;
            }
        }
    }
}

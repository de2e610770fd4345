using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Simulation.Tests.Scheduling;

namespace JitsiMesh.Simulation.Tests.Nodes;

/// <summary>Handles an envelope of a queue. False: the consumer crashed or does not own the queue any more, so the envelope stays.</summary>
public delegate bool QueueConsumer(LinkQueue queue, StanzaEnvelope envelope);

/// <summary>
/// The queues of the mesh: each in order, one consumer at a time, and an envelope leaves only when its consumer has finished it. The next consumer gets all envelopes that were
/// not finished, or finished without an acknowledgement.
/// </summary>
public sealed class SimulatedBroker(SimulatedScheduler scheduler)
{
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Delays now and then reach this long; zero once the faults are over.</summary>
    public double SlowMilliseconds { get; set; } = 150;

    /// <summary>Called after an envelope was dealt with and before it leaves the queue; true when the consumer dies at that moment.</summary>
    public Func<LinkQueue, bool> DiesBeforeAck { get; set; } = _ => false;

    public void Enqueue(LinkQueue queue, StanzaEnvelope envelope)
    {
        var line = LineOf(queue);
        line.Envelopes.AddLast(envelope);
        Plan(line);
    }

    public void Consume(LinkQueue queue, QueueConsumer? consumer)
    {
        var line = LineOf(queue);
        line.Consumer = consumer;
        line.Filter = new DuplicateFilter();
        line.Generation++;
        line.Planned = false;
        Plan(line);
    }

    public int Waiting => _lines.Values.Where(line => line.Consumer is not null).Sum(line => line.Envelopes.Count);

    private Line LineOf(LinkQueue queue)
    {
        if (!_lines.TryGetValue(queue.Name, out var line)) _lines[queue.Name] = line = new Line(queue);
        return line;
    }

    private void Plan(Line line)
    {
        if (line.Planned || line.Consumer is null || line.Envelopes.Count == 0) return;
        line.Planned = true;
        var generation = line.Generation;
        var delay = SlowMilliseconds > 0 && scheduler.Chance(0.03) ? scheduler.Milliseconds(10, SlowMilliseconds) : scheduler.Milliseconds(0.3, 4);
        scheduler.After(delay, () => Deliver(line, generation));
    }

    private void Deliver(Line line, int generation)
    {
        if (line.Generation != generation || line.Consumer is not { } consumer) return;
        line.Planned = false;
        var envelope = line.Envelopes.First!.Value;
        if (line.Filter.Check(envelope) == Arrival.Duplicate)
        {
            scheduler.Note(() => $"{line.Queue.Name} drops {envelope.Sender}#{envelope.Sequence}");
        }
        else
        {
            scheduler.Note(() => $"{line.Queue.Name} brings {envelope.Sender}#{envelope.Sequence} e{envelope.Epoch} {Short(envelope.Stanza)}");
            if (!consumer(line.Queue, envelope) || DiesBeforeAck(line.Queue)) return;
        }

        // The consumer may have been replaced while it dealt with the envelope; then the next one has it already.
        if (line.Generation != generation) return;
        line.Envelopes.RemoveFirst();
        Plan(line);
    }

    private static string Short(string stanza) => stanza.Length <= 170 ? stanza : stanza[..170] + "…";

    private sealed class Line(LinkQueue queue)
    {
        public LinkQueue Queue { get; } = queue;

        public LinkedList<StanzaEnvelope> Envelopes { get; } = new();

        public QueueConsumer? Consumer { get; set; }

        internal DuplicateFilter Filter { get; set; } = new();

        public int Generation { get; set; }

        public bool Planned { get; set; }
    }
}

/// <summary>One node's way to the broker.</summary>
public sealed class SimulatedLink(SimulatedBroker broker, SimulatedNode node) : IStanzaLink
{
    private readonly Dictionary<string, RoomNumbers> _numbers = new(StringComparer.Ordinal);

    public string NodeId => node.Id;

    public ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default)
    {
        node.Operate(() =>
        {
            if (!_numbers.TryGetValue(queue.Name, out var numbers)) _numbers[queue.Name] = numbers = new RoomNumbers(node.Id);
            broker.Enqueue(queue, numbers.Number(envelope));
            return true;
        });
        return ValueTask.CompletedTask;
    }

    public ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default) =>
        throw new NotSupportedException("The mesh gives queues to nodes itself.");

    public ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default) =>
        throw new NotSupportedException("The mesh gives queues to nodes itself.");
}

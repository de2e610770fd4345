using System.Collections.Concurrent;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Tests.Links;

/// <summary>Writes down what comes, and checks what every consumer may rely on.</summary>
internal sealed class RecordingConsumer : IPartitionConsumer
{
    private readonly ConcurrentDictionary<string, int> _inside = new();
    private readonly long[] _epochs = new long[Partitions.Count];

    public ConcurrentQueue<(LinkQueue Queue, StanzaEnvelope Envelope)> Received { get; } = new();

    public ConcurrentQueue<string> Violations { get; } = new();

    public ConcurrentDictionary<int, long> Owned { get; } = new();

    /// <summary>Runs inside the consumer, before the envelope is written down.</summary>
    public Func<StanzaEnvelope, Task>? Meanwhile { get; set; }

    public async ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
    {
        if (_inside.AddOrUpdate(queue.Name, 1, (_, n) => n + 1) != 1) Violations.Enqueue($"two at a time in {queue.Name}");
        if (!queue.Name.Contains(".node.", StringComparison.Ordinal) && !Owned.ContainsKey(Partitions.Of(envelope.Room))) Violations.Enqueue($"{queue.Name}: an envelope without ownership");
        try
        {
            if (Meanwhile is { } meanwhile) await meanwhile(envelope);
            Received.Enqueue((queue, envelope));
        }
        finally
        {
            _inside.AddOrUpdate(queue.Name, 0, (_, n) => n - 1);
        }
    }

    public ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation)
    {
        if (epoch <= _epochs[partition]) Violations.Enqueue($"partition {partition}: epoch {epoch} after {_epochs[partition]}");
        _epochs[partition] = epoch;
        if (!Owned.TryAdd(partition, epoch)) Violations.Enqueue($"partition {partition} acquired twice");
        return ValueTask.CompletedTask;
    }

    public ValueTask LostAsync(int partition)
    {
        if (!Owned.TryRemove(partition, out _)) Violations.Enqueue($"partition {partition} lost but not owned");
        return ValueTask.CompletedTask;
    }
}

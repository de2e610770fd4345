using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Outboxes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Outboxes;

/// <summary>Instances with one store, on virtual time, and a receiver that does as the test says.</summary>
internal sealed class OutboxWorld : IAsyncDisposable
{
    public const string Kind = "test";

    private readonly SignallingMetrics _metrics = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _counted = new();
    private readonly List<(CancellationTokenSource Stop, Task Run)> _instances = [];
    private ulong _seed;

    public OutboxWorld()
    {
        Store = new InMemoryMeshStore(Time);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Outboxes of other tests count at the same time.
            if (instrument.Name == "signalling.outbox" && instrument.Meter == _metrics.Received.Meter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags[0].Value as string == Kind) _counted.Enqueue($"{tags[1].Value} {tags[2].Value}".Trim());
        });
        _listener.Start();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));

    public InMemoryMeshStore Store { get; }

    public OutboxLimits Limits { get; set; } = new();

    /// <summary>What is tried: the instance, the entry, and when, since the beginning.</summary>
    public ConcurrentQueue<(string Instance, OutboxEntry Entry, TimeSpan At)> Tried { get; } = new();

    /// <summary>What the receiver says.</summary>
    public Func<OutboxEntry, CancellationToken, Task<Delivery>> Answer { get; set; } = (_, _) => Task.FromResult(Delivery.Done);

    public TimeSpan Passed => Time.GetUtcNow() - new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero);

    public IReadOnlyList<string> Counted => [.. _counted];

    public static OutboxEntry Entry(string id, string key = "") => new() { Id = id, Kind = Kind, OrderKey = key, Payload = "payload of " + id };

    public Outbox Create(IMeshStore? store = null) =>
        new(store ?? Store, new MeshClock(Time), new SeededRandomSource(++_seed), _metrics, NullLogger<Outbox>.Instance);

    /// <returns>Kills the instance: it says nothing to the store any more.</returns>
    public Func<Task> Run(string name, Outbox outbox, CancellationToken died = default)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(died);
        var run = Task.Run(() => outbox.RunAsync(Kind, (entry, cancellation) =>
        {
            Tried.Enqueue((name, entry, Passed));
            return Answer(entry, cancellation);
        }, Limits, stop.Token), CancellationToken.None);
        _instances.Add((stop, run));
        return async () =>
        {
            await stop.CancelAsync();
            await run;
        };
    }

    /// <summary>Lets time pass until something is so.</summary>
    public async Task UntilAsync(Func<bool> isSo, TimeSpan? step = null)
    {
        for (var i = 0; i < 20_000; i++)
        {
            if (isSo()) return;
            // What is due by now is done before the clock goes on, as far as can be told; a busy machine may be late, so tests ask for no upper bound that is close.
            for (var turn = 0; turn < 5; turn++) await Task.Run(static () => { });
            await Task.Delay(1);
            for (var turn = 0; turn < 3 && ThreadPool.PendingWorkItemCount > 0; turn++) await Task.Delay(1);
            if (isSo()) return;
            Time.Advance(step ?? TimeSpan.FromMilliseconds(250));
        }

        Assert.Fail($"it did not come to this; tried {Tried.Count}, counted {string.Join(", ", Counted.GroupBy(c => c).Select(g => $"{g.Key} x{g.Count()}"))}");
    }

    /// <summary>Lets a length of time pass, in steps.</summary>
    public Task PassAsync(TimeSpan span)
    {
        var end = Passed + span;
        return UntilAsync(() => Passed >= end, span > TimeSpan.FromSeconds(4) ? TimeSpan.FromSeconds(1) : null);
    }

    /// <summary>What the store still has of entries.</summary>
    public async Task<IReadOnlyList<string>> LeftAsync()
    {
        var left = new List<string>();
        foreach (var key in (await Store.KeysAsync("outbox/" + Kind + "/")).Append("outbox/" + Kind))
        {
            if (await Store.ReadAsync(key) is { } document) left.AddRange(document.Fields.Keys);
        }

        return left;
    }

    /// <summary>Lets time pass until nothing of entries is left, payloads that nobody lists neither: they are found within a round over all blocks.</summary>
    public async Task UntilNothingIsLeftAsync()
    {
        for (var i = 0; i < 100 && (await LeftAsync()).Count > 0; i++) await PassAsync(TimeSpan.FromSeconds(5));
        Assert.Empty(await LeftAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (stop, run) in _instances)
        {
            await stop.CancelAsync();
            await run.WaitAsync(TimeSpan.FromSeconds(20));
            stop.Dispose();
        }

        _listener.Dispose();
        _metrics.Dispose();
    }
}

using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Outboxes;

/// <summary>
/// What must be told outside, kept in the store until it is: each entry is delivered at least once, or given up after a bounded time, counted with a reason. Every instance may put entries; of those
/// that run a kind one delivers (<see cref="OutboxLease"/>), and another follows it when it dies. A store that does not outlive the process keeps nothing beyond it.
/// </summary>
public sealed partial class Outbox(IMeshStore store, MeshClock clock, IRandomSource random, SignallingMetrics metrics, ILogger<Outbox> logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OutboxRun> _runs = new(StringComparer.Ordinal);

    /// <summary>When it ends the entry is kept, even if this process dies.</summary>
    /// <exception cref="ArgumentException">An id, a kind, an order key or a payload that is empty or too long.</exception>
    /// <remarks>An exception of the store says that it may be kept or not: put again under the same id it is one entry.</remarks>
    public Task PutAsync(OutboxEntry entry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return PutAsync(entry.Kind, [entry], cancellation);
    }

    /// <summary>Several at once, in their order: three calls to the store for each <see cref="OutboxLimits.BatchEntries"/> of them.</summary>
    /// <param name="kind">Of all of them.</param>
    /// <param name="entries">What is put. Of two with one id the later one counts.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArgumentException">An entry of another kind, or as for one alone; then none is put.</exception>
    /// <remarks>An exception of the store says that each may be kept or not.</remarks>
    public async Task PutAsync(string kind, IReadOnlyList<OutboxEntry> entries, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var entry in entries)
        {
            Check(entry);
            if (entry.Kind != kind) throw new ArgumentException("Not all are of the kind.", nameof(entries));
        }

        await new OutboxStore(store, kind).PutAsync(entries, clock.Now.Utc, cancellation);
        for (var i = 0; i < entries.Count; i++) metrics.Outbox(kind, "put");
        lock (_gate)
        {
            if (_runs.TryGetValue(kind, out var run)) run.Wake();
        }
    }

    /// <summary>Takes back what waits; one that is being delivered now may be delivered all the same.</summary>
    public async Task WithdrawAsync(string kind, string id, CancellationToken cancellation)
    {
        CheckKind(kind);
        var kept = new OutboxStore(store, kind);
        if (await kept.NumberAsync(id, cancellation) is { } number) await kept.RemoveAsync([(id, number)], cancellation);
    }

    /// <summary>Delivers a kind's entries whenever it is this instance's turn, until it is cancelled; then it ends without an exception. Once for each kind and process.</summary>
    /// <param name="kind">Of the entries.</param>
    /// <param name="deliver">Tries once. What it throws counts as a failed try. An entry may come again though it was delivered: its receiver must bear that.</param>
    /// <param name="limits">Of this kind; the same on all instances.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(string kind, Func<OutboxEntry, CancellationToken, Task<Delivery>> deliver, OutboxLimits limits, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(deliver);
        ArgumentNullException.ThrowIfNull(limits);
        CheckKind(kind);
        var lease = new OutboxLease(store, clock, kind, Holder());
        try
        {
            while (true)
            {
                try
                {
                    if (await lease.TryTakeAsync(cancellation)) await HoldAsync(kind, deliver, limits, lease, cancellation);
                }
                catch (Exception exception) when (!cancellation.IsCancellationRequested)
                {
                    metrics.Outbox(kind, "store_failure");
                    LogStore(kind, exception.GetType().Name);
                }

                await Task.Delay(OutboxLimits.LeaseLook, clock.Time, cancellation);
            }
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            await ReleaseAsync(kind, lease);
        }
    }

    /// <summary>How many entries of a kind wait, as far as this instance delivers it; 0 where another one does.</summary>
    public int Waiting(string kind)
    {
        lock (_gate) return _runs.TryGetValue(kind, out var run) ? run.Waiting : 0;
    }

    private async Task HoldAsync(string kind, Func<OutboxEntry, CancellationToken, Task<Delivery>> deliver, OutboxLimits limits, OutboxLease lease, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var run = new OutboxRun(kind, deliver, limits, new OutboxStore(store, kind), clock, metrics, logger);
        lock (_gate) _runs[kind] = run;
        try
        {
            var keeping = lease.KeepAsync(over.Token);
            var running = run.RunAsync(over.Token);
            await Task.WhenAny(keeping, running);
            if (!running.IsCompleted && !cancellation.IsCancellationRequested) metrics.Outbox(kind, "lease_lost");
            await over.CancelAsync();
            await keeping.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await running;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // Another instance delivers now.
        }
        finally
        {
            lock (_gate) _runs.Remove(kind);
        }
    }

    private async Task ReleaseAsync(string kind, OutboxLease lease)
    {
        try
        {
            await lease.ReleaseAsync();
        }
        catch (Exception exception)
        {
            LogStore(kind, exception.GetType().Name);
        }
    }

    private string Holder()
    {
        lock (_gate) return random.NextHex(16);
    }

    private static void Check(OutboxEntry entry)
    {
        CheckKind(entry.Kind);
        if (entry.Id is not { Length: > 0 and <= OutboxLimits.IdLength }) throw new ArgumentException("An id has 1 to 128 characters.", nameof(entry));
        if (entry.OrderKey is not { Length: <= OutboxLimits.OrderKeyLength }) throw new ArgumentException("The order key is too long.", nameof(entry));
        if (entry.Payload is not { Length: <= OutboxLimits.PayloadLength }) throw new ArgumentException("The payload is too long.", nameof(entry));
    }

    private static void CheckKind(string kind)
    {
        if (kind is not { Length: > 0 and <= OutboxLimits.KindLength } || !kind.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')) throw new ArgumentException("A kind is a word of lower-case letters.", nameof(kind));
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "What waits to be told ({Kind}) cannot be looked at in the store ({Failure}); it is kept there and tried again")]
    private partial void LogStore(string kind, string failure);
}

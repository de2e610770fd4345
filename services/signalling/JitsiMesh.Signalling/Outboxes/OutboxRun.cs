using System.Threading.Channels;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Outboxes;

/// <summary>One instance's turn of delivering a kind: looks what waits, delivers what is due, and writes down what came of it.</summary>
internal sealed partial class OutboxRun(
    string kind, Func<OutboxEntry, CancellationToken, Task<Delivery>> deliver, OutboxLimits limits, OutboxStore store, MeshClock clock, SignallingMetrics metrics, ILogger logger)
{
    private readonly OutboxQueue _queue = new(limits);
    private readonly Channel<Ended> _events = Channel.CreateUnbounded<Ended>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _telling = new();
    private MonotonicTime _toldAt = MonotonicTime.Zero;
    private long _untold;
    private int _woken;
    private int _block;

    /// <summary>Entries that it knows of. Any thread: the number of a moment.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Something was put here. Any thread.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0) _events.Writer.TryWrite(default);
    }

    /// <summary>Runs until it is cancelled, and ends when its deliveries have ended. Throws what the store throws.</summary>
    public async Task RunAsync(CancellationToken over)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(over);
        try
        {
            var looked = MonotonicTime.Zero;
            var first = true;
            while (!over.IsCancellationRequested)
            {
                var look = looked + (OutboxLimits.LookForEach * _queue.Count) + (Volatile.Read(ref _woken) == 1 ? TimeSpan.Zero : OutboxLimits.Look);
                if (first || clock.Now.Now >= look)
                {
                    Interlocked.Exchange(ref _woken, 0);
                    await LookAsync(over);
                    (first, looked, look) = (false, clock.Now.Now, clock.Now.Now + (OutboxLimits.LookForEach * _queue.Count) + OutboxLimits.Look);
                }

                foreach (var item in _queue.Begin(clock.Now.Now)) _ = DeliverAsync(item, stopping.Token);
                await WaitAsync(MonotonicTime.Min(look, _queue.Next) - clock.Now.Now, over);
                while (_events.Reader.TryRead(out var ended)) Take(ended);
            }
        }
        finally
        {
            await stopping.CancelAsync();
            while (_queue.Running > 0) Take(await _events.Reader.ReadAsync(CancellationToken.None));
        }
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken over)
    {
        if (wait <= TimeSpan.Zero || over.IsCancellationRequested) return;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(over);
        await Task.WhenAny(_events.Reader.WaitToReadAsync(waiting.Token).AsTask(), Task.Delay(wait, clock.Time, waiting.Token));
        await waiting.CancelAsync();
    }

    private void Take(Ended ended)
    {
        if (ended.Item is not { } item) return;
        if (ended.IsOver) _queue.Remove(item.Id);
        _queue.End(item);
    }

    private async Task LookAsync(CancellationToken over)
    {
        var known = _queue.Ids.ToHashSet(StringComparer.Ordinal);
        var block = _block;
        _block = (_block + 1) % OutboxLimits.Blocks;
        var found = await store.ListAsync(known, block, over);
        var now = clock.Now;
        foreach (var (id, listed, state) in found.New)
        {
            // By the wall clock of the writer, which may be wrong: not later than the longest pause.
            var wait = state is null ? TimeSpan.Zero : state.Due - now.Utc;
            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait < limits.LongestPause ? wait : limits.LongestPause;
            _queue.TryAdd(new OutboxItem(id, listed.Sequence, listed.OrderKey, listed.First) { Index = listed.Index, Tries = Math.Max(0, state?.Tries ?? 0), Due = now.Now + wait });
        }

        known.ExceptWith(found.Known);
        foreach (var gone in known) _queue.Remove(gone);
        if (found.Unreadable.Count > 0)
        {
            for (var i = 0; i < found.Unreadable.Count; i++) metrics.Outbox(kind, "unreadable");
            await store.DropAsync(found.Unreadable, over);
        }

        // Of one that was put again while it was delivered, or that was given up before its payload came.
        if (found.Orphans.Count > 0)
        {
            for (var i = 0; i < found.Orphans.Count; i++) metrics.Outbox(kind, "orphan");
            await store.DropPayloadsAsync(block, found.Orphans, over);
        }

        var excess = _queue.Excess();
        foreach (var item in excess)
        {
            GiveUp(item, "full");
            _queue.Remove(item.Id);
        }

        if (excess.Count > 0) await store.RemoveAsync([.. excess.Select(item => (item.Id, item.Number))], over);
    }

    private async Task DeliverAsync(OutboxItem item, CancellationToken over)
    {
        var isOver = false;
        try
        {
            // Not on the loop: what delivers may not wait anywhere.
            await Task.Yield();
            isOver = await StepAsync(item, over);
        }
        catch (Exception) when (over.IsCancellationRequested)
        {
            // The next deliverer tries it again.
        }
        finally
        {
            _events.Writer.TryWrite(new Ended(item, isOver));
        }
    }

    /// <returns>Whether the entry has come to its end.</returns>
    private async Task<bool> StepAsync(OutboxItem item, CancellationToken over)
    {
        string? payload = null;
        var read = await StoredAsync(item, async () => payload = await store.PayloadAsync(item.Id, item.Number, over), over);
        if (!read) return false;
        if (payload is null) return await MissAsync(item, over);
        item.MissedSince = null;
        var delivery = await TryAsync(new OutboxEntry { Id = item.Id, Kind = kind, OrderKey = item.OrderKey, Payload = payload, FirstTime = item.FirstTime, DueTime = clock.Now.Utc, Tries = item.Tries }, over);
        if (delivery.Outcome == DeliveryOutcome.Again)
        {
            item.Tries++;
            var now = clock.Now;
            var reason = now.Utc - item.FirstTime >= limits.Age ? "too_old" : item.Tries >= limits.Tries ? "too_many_tries" : null;
            if (reason is null)
            {
                metrics.Outbox(kind, "again", delivery.Reason);
                var pause = OutboxQueue.PauseOf(limits, item.Id, item.Tries);
                if (delivery.NotBefore is { } notBefore && notBefore - now.Utc > pause) pause = notBefore - now.Utc < limits.LongestPause ? notBefore - now.Utc : limits.LongestPause;
                item.Due = now.Now + pause;
                // The pause holds here in any case; the store is told for the next deliverer.
                await StoredAsync(item, () => store.SaveAsync(item.Id, new OutboxStore.State(item.Tries, now.Utc + pause), over), over);
                return false;
            }

            GiveUp(item, reason, delivery.Reason);
        }
        else if (delivery.Outcome == DeliveryOutcome.Never)
        {
            GiveUp(item, "never", delivery.Reason);
        }
        else
        {
            metrics.Outbox(kind, "done");
        }

        await RemoveAsync(item, over);
        return true;
    }

    private async Task<bool> MissAsync(OutboxItem item, CancellationToken over)
    {
        long? number = null;
        if (!await StoredAsync(item, async () => number = await store.NumberAsync(item.Id, over), over)) return false;
        // Withdrawn, or put again by a sender that did not know that it was kept.
        if (number is null) return true;
        if (number != item.Number)
        {
            (item.Number, item.MissedSince) = (number.Value, null);
            return false;
        }

        var now = clock.Now.Now;
        item.MissedSince ??= now;
        if (now - item.MissedSince.Value >= OutboxLimits.PayloadTime)
        {
            metrics.Outbox(kind, "no_payload");
            await RemoveAsync(item, over);
            return true;
        }

        item.Due = now + OutboxLimits.Look;
        return false;
    }

    private async Task<Delivery> TryAsync(OutboxEntry entry, CancellationToken over)
    {
        using var late = new CancellationTokenSource(limits.DeliveryTime, clock.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, over);
        try
        {
            return await deliver(entry, both.Token).WaitAsync(both.Token);
        }
        catch (OperationCanceledException) when (!over.IsCancellationRequested && late.IsCancellationRequested)
        {
            return Delivery.Again("timeout");
        }
        catch (Exception exception) when (!over.IsCancellationRequested)
        {
            LogFailed(logger, exception, kind);
            return Delivery.Again("internal_error");
        }
    }

    // It is not delivered again while this instance knows that it was, however long the store is away.
    private async Task RemoveAsync(OutboxItem item, CancellationToken over)
    {
        while (!await StoredAsync(item, () => store.RemoveAsync([(item.Id, item.Number)], over), over)) await Task.Delay(OutboxLimits.StorePause, clock.Time, over);
    }

    private async Task<bool> StoredAsync(OutboxItem item, Func<Task> call, CancellationToken over)
    {
        try
        {
            await call();
            return true;
        }
        catch (Exception exception) when (!over.IsCancellationRequested)
        {
            metrics.Outbox(kind, "store_failure");
            LogStore(logger, kind, exception.GetType().Name);
            item.Due = MonotonicTime.Max(item.Due, clock.Now.Now + OutboxLimits.StorePause);
            return false;
        }
    }

    private void GiveUp(OutboxItem item, string outcome, string reason = "")
    {
        metrics.Outbox(kind, outcome, reason);
        // A receiver that is away for long is one line now and then, and not one for each that it misses.
        lock (_telling)
        {
            _untold++;
            var now = clock.Now;
            if (now.Now < _toldAt) return;
            LogGivenUp(logger, _untold, kind, outcome, reason, item.Tries, (long)(now.Utc - item.FirstTime).TotalSeconds);
            (_untold, _toldAt) = (0, now.Now + OutboxLimits.GivenUpPause);
        }
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Error, Message = "{Count} that waited to be told ({Kind}) were given up; the last: {Outcome} {Reason}, after {Tries} failed tries in {Seconds} s")]
    private static partial void LogGivenUp(ILogger logger, long count, string kind, string outcome, string reason, int tries, long seconds);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "What waits to be told ({Kind}) could not be read or written in the store ({Failure}); it is tried again")]
    private static partial void LogStore(ILogger logger, string kind, string failure);

    [LoggerMessage(EventId = 12, Level = LogLevel.Error, Message = "Telling one that waits ({Kind}) failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception, string kind);

    private readonly record struct Ended(OutboxItem? Item, bool IsOver);
}

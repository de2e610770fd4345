using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Handover;

/// <summary>
/// Keeps the records of this node's sessions in the store, off the delivery path, so that another node continues them when this one dies (docs/decisions/0017). Records for which no frame waits are
/// written twice a second, each only where it has changed.
/// </summary>
public sealed partial class SessionJournal(
    IMeshStore store, IStanzaLink link, SessionRegistry sessions, RoomDoor rooms, SignallingOptions options, SignallingMetrics metrics, MeshClock clock, ILogger<SessionJournal> logger) : ISessionRecords, IDisposable
{
    private readonly SavedSessions _saved = new(store);
    private readonly ConcurrentDictionary<string, SessionWriter> _writers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _epochs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<SessionWriter, bool> _lapsed = new();
    private readonly ConcurrentQueue<SessionWriter> _due = new();
    private readonly ConcurrentQueue<SessionWriter> _over = new();
    private readonly ConcurrentQueue<(SessionWriter Writer, MonotonicTime At)> _later = new();
    private readonly SemaphoreSlim _slots = new(SignallingLimits.RecordsAtOnce);
    private readonly string _ownQueue = SavedSessions.QueueOf(link.NodeId);

    public bool IsOn => options.SessionRecords && store.OutlivesProcess;

    /// <summary>The epoch under which this node writes the sessions of a queue; null for a queue that it does not have.</summary>
    public long? EpochOf(string queue) => _epochs.TryGetValue(queue, out var epoch) ? epoch : null;

    public void Begin(SessionHandle handle)
    {
        if (!IsOn || handle.Session.ResumeId is not { } id) return;
        _writers[handle.Session.FullJid] = new SessionWriter(handle, SavedSessions.HashOf(id), this, []);
        handle.Record(static (session, outputs) => session.BeginRecord(outputs));
    }

    /// <summary>Goes on with the record of a session that was taken over.</summary>
    public void Continue(SessionHandle handle, string hash, SavedSession saved) => _writers[handle.Session.FullJid] = new SessionWriter(handle, hash, this, saved.Chunks);

    /// <summary>This node has the sessions of a queue.</summary>
    public void Take(string queue, long epoch) => _epochs[queue] = epoch;

    public void Due(SessionHandle handle, RecordHaste haste)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (!_writers.TryGetValue(handle.Session.FullJid, out var writer)) return;
        switch (haste)
        {
            case RecordHaste.AtOnce:
                writer.Kick();
                break;
            case RecordHaste.Soon:
                _due.Enqueue(writer);
                break;
            default:
                WriteLater(writer);
                break;
        }
    }

    public void End(SessionHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (!_writers.TryRemove(handle.Session.FullJid, out var writer)) return;
        _lapsed.TryRemove(writer, out _);
        _over.Enqueue(writer);
    }

    /// <summary>Keeps the record of a session that is handed over no longer. When the task ends nothing of it is written here any more.</summary>
    public async Task ReleaseAsync(SessionHandle handle, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(handle);
        if (_writers.TryRemove(handle.Session.FullJid, out var writer)) await writer.WhenIdleAsync(cancellation);
    }

    public void Dispose() => _slots.Dispose();

    /// <summary>Writes what is due, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!IsOn) return;
        using var timer = new PeriodicTimer(SignallingLimits.RecordPeriod, clock.Time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            if (EpochOf(_ownQueue) is null) await BeginQueueAsync(cancellation);
            for (var left = _due.Count; left > 0 && _due.TryDequeue(out var writer); left--) writer.Kick();
            var now = clock.Now.Now;
            while (_later.TryPeek(out var next) && next.At <= now && _later.TryDequeue(out next))
            {
                next.Writer.IsLater = false;
                next.Writer.Kick();
            }

            BeginAgain();
            if (!_over.IsEmpty) await EndRecordsAsync(cancellation);
        }
    }

    /// <summary>Takes the own queue's epoch. A store that is away is asked again with the next period; records wait meanwhile.</summary>
    public async Task BeginQueueAsync(CancellationToken cancellation)
    {
        if (!IsOn) return;
        try
        {
            Take(_ownQueue, await _saved.NextEpochAsync(_ownQueue, cancellation));
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            metrics.StoreFailures.Add(1);
        }
    }

    /// <summary>Writes what one session has to write now. Of its writer, one at a time.</summary>
    internal async Task WriteAsync(SessionWriter writer, bool isOver)
    {
        await _slots.WaitAsync();
        try
        {
            if (isOver) await DeleteAsync(writer);
            else await UpdateAsync(writer);
        }
        catch (Exception exception)
        {
            metrics.Refused("record-failure");
            LogFailed(exception);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task UpdateAsync(SessionWriter writer)
    {
        var handle = writer.Handle;
        if (handle.TakeUpdate() is not { } update) return;
        int? octets;
        IReadOnlyList<uint> done;
        try
        {
            var epoch = EpochOf(update.Session.Queue) ?? throw new InvalidOperationException("The queue has no epoch yet.");
            done = writer.Prepare(update);
            using var limit = new CancellationTokenSource(SignallingLimits.RecordTime, clock.Time);
            octets = await _saved.UpdateAsync(update, writer.Hash, epoch, done, limit.Token).AsTask().WaitAsync(limit.Token);
        }
        catch (Exception)
        {
            metrics.StoreFailures.Add(1);
            handle.Record((session, outputs) => session.NotWritten(update, outputs));
            return;
        }

        if (octets is null)
        {
            metrics.Refused("session-elsewhere");
            _writers.TryRemove(handle.Session.FullJid, out _);
            sessions.Abandon(handle);
            return;
        }

        writer.Written(update, done, octets.Value);
        handle.Record((session, outputs) => session.Written(update, outputs));
        if (update.HasRest) WriteLater(writer);
        if (writer.Octets > SignallingLimits.RecordedOctets) await LapseAsync(writer);
    }

    // Its client acknowledges nothing. The session continues, but does not survive this node until the client has caught up.
    private async Task LapseAsync(SessionWriter writer)
    {
        metrics.Refused("session-too-big-to-record");
        writer.Handle.Record(static (session, outputs) => session.StopRecord(outputs));
        await DeleteAsync(writer);
        _lapsed[writer] = true;
    }

    private void BeginAgain()
    {
        foreach (var writer in _lapsed.Keys)
        {
            if (writer.Handle.Session.UnacknowledgedOctets > SignallingLimits.RecordedOctets / 2 || !_lapsed.TryRemove(writer, out _)) continue;
            writer.Handle.Record(static (session, outputs) => session.BeginRecord(outputs));
        }
    }

    private async Task DeleteAsync(SessionWriter writer)
    {
        var queue = writer.Handle.Session.Info.Queue;
        if (EpochOf(queue) is not { } epoch) return;
        using var limit = new CancellationTokenSource(SignallingLimits.RecordTime, clock.Time);
        await _saved.RemoveAsync(queue, writer.Hash, epoch, limit.Token).AsTask().WaitAsync(limit.Token);
        writer.Forget();
    }

    // Only when its leaves are on their way: a session without a record, that nobody ends, would stand in its rooms for ever should this node die now.
    private async Task EndRecordsAsync(CancellationToken cancellation)
    {
        var over = new List<SessionWriter>();
        while (_over.TryDequeue(out var writer)) over.Add(writer);
        try
        {
            using var limit = new CancellationTokenSource(SignallingLimits.RecordTime, clock.Time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            await rooms.DrainAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // With the next period.
            foreach (var writer in over) _over.Enqueue(writer);
            return;
        }

        foreach (var writer in over) writer.End();
    }

    private void WriteLater(SessionWriter writer)
    {
        if (writer.IsLater) return;
        writer.IsLater = true;
        _later.Enqueue((writer, clock.Now.Now + SignallingLimits.UnacknowledgedInQueue));
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The record of a session could not be written; it is tried again with its next change")]
    private partial void LogFailed(Exception exception);
}

using System.Threading.Channels;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// The mailbox of one partition and the loop that empties it: takes what waits, lets the rooms handle it, writes the changes through, and
/// only then delivers. It ends when the partition is lost.
/// </summary>
public sealed partial class PartitionMailbox : IAsyncDisposable
{
    /// <summary>Inputs handled between two writes: enough that a burst costs one write a room, few enough that nobody waits long.</summary>
    private const int BatchInputs = 256;

    private readonly RoomPartition _rooms;
    private readonly long _epoch;
    private readonly MailboxServices _services;
    private readonly Channel<Item> _items = Channel.CreateBounded<Item>(new BoundedChannelOptions(SignallingLimits.PartitionInputs) { SingleReader = true });
    private readonly CancellationTokenSource _lost = new();
    private readonly RoomOutputs _outputs = new();
    private readonly Dictionary<string, RoomChange> _unwritten = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource> _waiting = [];
    private readonly Task _loop;
    private long _deadline = long.MaxValue;
    private int _ticking;

    public PartitionMailbox(RoomPartition rooms, long epoch, MailboxServices services)
    {
        _rooms = rooms;
        _epoch = epoch;
        _services = services;
        _deadline = rooms.Deadline.Nanoseconds;
        _loop = Task.Run(RunAsync);
    }

    public string FocusQueue => _rooms.Context.FocusQueue;

    public async ValueTask<bool> TryPostAsync(RoomInput input, CancellationToken cancellation)
    {
        try
        {
            await _items.Writer.WriteAsync(new Item { Input = input }, cancellation);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    public bool TryPost(RoomInput input) => _items.Writer.TryWrite(new Item { Input = input });

    /// <summary>Ends when the input was handled, written through and delivered. False when the partition was lost before.</summary>
    public async ValueTask<bool> HandleAsync(RoomInput input, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _items.Writer.WriteAsync(new Item { Input = input, Done = done }, cancellation);
            await done.Task.WaitAsync(cancellation);
            return true;
        }
        catch (Exception exception) when (exception is ChannelClosedException || done.Task.IsCanceled)
        {
            return false;
        }
    }

    /// <summary>Lets the rooms tick when their time has come. Any thread.</summary>
    public void TickIfDue(MonotonicTime now)
    {
        if (Volatile.Read(ref _deadline) > now.Nanoseconds || Interlocked.Exchange(ref _ticking, 1) == 1) return;
        if (!_items.Writer.TryWrite(new Item { Step = static (rooms, instant, outputs) => rooms.Tick(instant, outputs), IsTick = true })) Volatile.Write(ref _ticking, 0);
    }

    public void LiveQueues(IReadOnlySet<string> queues) => _items.Writer.TryWrite(new Item { Step = (rooms, now, _) => rooms.LiveQueues(queues, now) });

    /// <summary>Reads something of the rooms from inside the loop.</summary>
    public async Task<T?> ReadAsync<T>(Func<RoomPartition, T> read, CancellationToken cancellation)
        where T : class
    {
        var result = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_items.Writer.TryWrite(new Item { Step = (rooms, _, _) => result.TrySetResult(read(rooms)) })) return null;
        using var registration = _lost.Token.Register(() => result.TrySetResult(null));
        return await result.Task.WaitAsync(cancellation);
    }

    /// <summary>Stops; what waits is left. After the task nothing acts for the partition here.</summary>
    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        await _lost.CancelAsync();
        await _loop;
        while (_items.Reader.TryRead(out var item)) item.Done?.TrySetCanceled();
        foreach (var waiting in _waiting) waiting.TrySetCanceled();
        _lost.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _items.Reader.WaitToReadAsync(_lost.Token))
            {
                var now = _services.Clock.Now;
                for (var i = 0; i < BatchInputs && _items.Reader.TryRead(out var item); i++) Handle(item, now);
                if (!await WriteThroughAsync())
                {
                    LogFenced(_services.Logger, _rooms.Context.Partition);
                    _items.Writer.TryComplete();
                    return;
                }

                await _services.Deliverer.DeliverAsync(_outputs, _epoch, _lost.Token);
                _outputs.Clear();
                Volatile.Write(ref _deadline, _rooms.Deadline.Nanoseconds);
                foreach (var waiting in _waiting) waiting.TrySetResult();
                _waiting.Clear();
            }
        }
        catch (OperationCanceledException) when (_lost.IsCancellationRequested)
        {
            // The partition is another's now.
        }
    }

    private void Handle(Item item, MeshInstant now)
    {
        try
        {
            if (item.Input is not null) _rooms.Handle(item.Input, now, _outputs);
            item.Step?.Invoke(_rooms, now, _outputs);
        }
        catch (Exception exception)
        {
            // A bug costs one stanza, not the meetings of a partition.
            _services.Metrics.Refused("internal-error");
            LogFailed(_services.Logger, exception);
        }

        if (item.IsTick) Volatile.Write(ref _ticking, 0);
        if (item.Done is not null) _waiting.Add(item.Done);
    }

    /// <summary>
    /// Writes every room's change. False when a newer owner has written: then nothing may go out any more. A store that fails does not
    /// stop the meetings; its changes are kept and come with the next write.
    /// </summary>
    private async ValueTask<bool> WriteThroughAsync()
    {
        foreach (var (key, change) in _outputs.Changes) Merge(key, change);
        foreach (var (key, change) in _unwritten.ToArray())
        {
            try
            {
                if (change.Deleted && !await _services.Store.DeleteAsync(key, _epoch, _lost.Token)) return false;
                if (change.Fields.Count > 0 && !await _services.Store.WriteAsync(key, _epoch, Document(change), _lost.Token)) return false;
                _unwritten.Remove(key);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                _services.Metrics.StoreFailures.Add(1);
                LogNotWritten(_services.Logger, exception);
            }
        }

        return true;
    }

    private void Merge(string key, RoomChange change)
    {
        if (!_unwritten.TryGetValue(key, out var waiting) || change.Deleted) _unwritten[key] = waiting = new RoomChange { Deleted = change.Deleted };
        foreach (var (field, value) in change.Fields) waiting.Fields[field] = value;
    }

    private static DocumentChange Document(RoomChange change)
    {
        var put = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var remove = new List<string>();
        foreach (var (field, value) in change.Fields)
        {
            if (value is null) remove.Add(field);
            else put[field] = value;
        }

        return new DocumentChange { Put = put, Remove = remove };
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Partition {Partition} is owned by a newer node; nothing of it goes out here any more")]
    private static partial void LogFenced(ILogger logger, int partition);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "A stanza made a room fail; it is dropped")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Room state could not be written; it is tried again with the next change")]
    private static partial void LogNotWritten(ILogger logger, Exception exception);

    private readonly record struct Item
    {
        public RoomInput? Input { get; init; }

        public Action<RoomPartition, MeshInstant, RoomOutputs>? Step { get; init; }

        public bool IsTick { get; init; }

        public TaskCompletionSource? Done { get; init; }
    }
}

/// <summary>What a mailbox uses of its surroundings.</summary>
public sealed record MailboxServices(IMeshStore Store, Deliverer Deliverer, MeshClock Clock, SignallingMetrics Metrics, ILogger<PartitionMailbox> Logger);

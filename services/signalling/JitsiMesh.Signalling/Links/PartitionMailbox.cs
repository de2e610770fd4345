using System.Threading.Channels;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// The mailbox of one partition and the loop that empties it: takes what waits, lets the rooms handle it, writes the changes through, and
/// only then delivers. It ends when the partition is lost, or when a client of store or link cancels by itself: then it gives the partition up.
/// </summary>
public sealed partial class PartitionMailbox : IAsyncDisposable
{
    /// <summary>Inputs handled between two writes: enough that a burst costs one write a room, few enough that nobody waits long.</summary>
    private const int BatchInputs = 256;

    private readonly OwnedRooms _owned;
    private readonly RoomPartition _rooms;
    private readonly MailboxServices _services;
    private readonly Channel<Item> _items = Channel.CreateBounded<Item>(new BoundedChannelOptions(SignallingLimits.PartitionInputs) { SingleReader = true });
    private readonly CancellationTokenSource _lost = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private readonly List<TaskCompletionSource> _waitingForMark = [];
    private readonly List<RoomInput> _unfinished = [];
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loop;
    private long _deadline = long.MaxValue;
    private int _ticking;

    public PartitionMailbox(OwnedRooms owned, MailboxServices services)
    {
        _owned = owned;
        _rooms = owned.Rooms;
        _services = services;
        _deadline = _owned.Deadline.Nanoseconds;
        _loop = Task.Run(RunAsync);
    }

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
    public ValueTask<bool> HandleAsync(RoomInput input, CancellationToken cancellation) => HandleAsync(input, isOwn: false, cancellation);

    /// <summary>The same for a stanza of a session of this node: where it waited for the mark when the partition was lost, it is with the next owner when this ends.</summary>
    public ValueTask<bool> HandleOwnAsync(RoomInput input, CancellationToken cancellation) => HandleAsync(input, isOwn: true, cancellation);

    private async ValueTask<bool> HandleAsync(RoomInput input, bool isOwn, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _items.Writer.WriteAsync(new Item { Input = input, Done = done, IsOwn = isOwn }, cancellation);
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
        if (!_items.Writer.TryWrite(new Item { Step = static (owned, instant) => owned.Tick(instant), IsTick = true })) Volatile.Write(ref _ticking, 0);
    }

    public void LiveQueues(IReadOnlySet<string> queues) => _items.Writer.TryWrite(new Item { Step = (owned, now) => owned.Rooms.LiveQueues(queues, now) });

    /// <summary>A mark in the queue came through.</summary>
    public void Release(StanzaEnvelope mark) => _items.Writer.TryWrite(new Item
    {
        Step = (owned, now) =>
        {
            owned.Release(mark, now);
            if (owned.HoldsInputs) return;
            _waiting.AddRange(_waitingForMark);
            _waitingForMark.Clear();
        },
    });

    /// <summary>Reads something of the rooms from inside the loop.</summary>
    public async Task<T?> ReadAsync<T>(Func<RoomPartition, T> read, CancellationToken cancellation)
        where T : class
    {
        var result = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_items.Writer.TryWrite(new Item { Step = (owned, _) => result.TrySetResult(read(owned.Rooms)) })) return null;
        using var registration = _lost.Token.Register(() => result.TrySetResult(null));
        return await result.Task.WaitAsync(cancellation);
    }

    /// <summary>Ends when nothing acts for the partition here any more, and what was not handled is given back to the link.</summary>
    public Task Over => _over.Task;

    /// <summary>Ends, after <see cref="Over"/>, when this mailbox has stopped though nobody took its partition away: it must be acquired anew.</summary>
    public Task GivenUp => _givenUp.Task;

    /// <summary>Stops after the batch that has begun.</summary>
    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        await _lost.CancelAsync();
        await _loop;
        _lost.Dispose();
    }

    private async Task RunAsync()
    {
        var cancelled = false;
        try
        {
            while (await _items.Reader.WaitToReadAsync(_lost.Token))
            {
                var now = _services.Clock.Now;
                for (var i = 0; i < BatchInputs && _items.Reader.TryRead(out var item); i++) Handle(item, now);
                // Not cancelled midway: what the rooms have handled is written and told, or neither.
                if (!await _owned.CompleteAsync(CancellationToken.None))
                {
                    LogFenced(_services.Logger, _rooms.Context.Partition);
                    return;
                }

                _unfinished.Clear();
                Volatile.Write(ref _deadline, _owned.Deadline.Nanoseconds);
                foreach (var waiting in _waiting) waiting.TrySetResult();
                _waiting.Clear();
            }
        }
        catch (OperationCanceledException) when (_lost.IsCancellationRequested)
        {
            // The partition is another's now.
        }
        catch (OperationCanceledException exception)
        {
            cancelled = true;
            _services.Metrics.Refused("ownership-cancelled");
            LogCancelled(_services.Logger, exception, _rooms.Context.Partition);
            await FinishAsync();
        }
        finally
        {
            await GiveBackAsync();
            _over.TrySetResult();
            if (cancelled) _givenUp.TrySetResult();
        }
    }

    // What was in doubt is done once more, under the same numbers. If that fails too, the next owner sends what is written, and handles what is not.
    private async Task FinishAsync()
    {
        try
        {
            if (!await _owned.CompleteAsync(CancellationToken.None)) return;
        }
        catch (OperationCanceledException)
        {
            // It was told of already.
        }

        if (!_owned.IsWritten) return;
        _unfinished.Clear();
        foreach (var waiting in _waiting) waiting.TrySetResult();
        _waiting.Clear();
    }

    // Sessions of this node outlive the ownership: their stanzas go to the next owner. The caller that brought an envelope learns that it was not handled.
    private async Task GiveBackAsync()
    {
        _items.Writer.TryComplete();
        foreach (var waiting in _waiting) waiting.TrySetCanceled();
        while (_items.Reader.TryRead(out var item))
        {
            if (item.Done is not null) item.Done.TrySetCanceled();
            else if (item.Input is not null) _unfinished.Add(item.Input);
        }

        for (var i = 1; ; i++)
        {
            try
            {
                await _owned.LeaveAsync(_unfinished, CancellationToken.None);
                foreach (var waiting in _waitingForMark) waiting.TrySetResult();
                _waitingForMark.Clear();
                return;
            }
            catch (OperationCanceledException) when (i < SignallingLimits.GiveBackTries)
            {
                _unfinished.Clear();
                await Task.Delay(SignallingLimits.GiveBackPause, _services.Clock.Time);
            }
            catch (Exception exception)
            {
                // Callers that wait for the end of this ownership must not wait forever.
                _services.Metrics.Refused("link-failure");
                LogNotGivenBack(_services.Logger, exception, _rooms.Context.Partition);
                foreach (var waiting in _waitingForMark) waiting.TrySetCanceled();
                return;
            }
        }
    }

    private void Handle(Item item, MeshInstant now)
    {
        var waitsForMark = false;
        try
        {
            if (item.Input is { } own && (item.IsOwn || item.Done is null)) waitsForMark = !_owned.HandleOwn(own, now);
            else if (item.Input is not null) _owned.Handle(item.Input, now);
            item.Step?.Invoke(_owned, now);
        }
        catch (Exception exception)
        {
            // Rooms see to themselves; what comes here is of the way to them. It costs one stanza, not the meetings of a partition.
            _services.Metrics.Refused("internal-error");
            LogFailed(_services.Logger, exception);
        }

        if (item.IsTick) Volatile.Write(ref _ticking, 0);
        if (item.Done is not null) (waitsForMark ? _waitingForMark : _waiting).Add(item.Done);
        else if (item.Input is not null) _unfinished.Add(item.Input);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Partition {Partition} is owned by a newer node; nothing of it goes out here any more")]
    private static partial void LogFenced(ILogger logger, int partition);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "A stanza could not be brought to its room; it is dropped")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Room state could not be written; it is tried again with the next change")]
    internal static partial void LogNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "Partition {Partition}: a client of store or link cancelled by itself; its rooms go on with the next owner")]
    private static partial void LogCancelled(ILogger logger, Exception exception, int partition);

    [LoggerMessage(EventId = 5, Level = LogLevel.Error, Message = "Partition {Partition}: stanzas that were not handled could not be given back to the link; they are lost")]
    private static partial void LogNotGivenBack(ILogger logger, Exception exception, int partition);

    private readonly record struct Item
    {
        public RoomInput? Input { get; init; }

        public Action<OwnedRooms, MeshInstant>? Step { get; init; }

        public bool IsTick { get; init; }

        /// <summary>The input is of a session of this node.</summary>
        public bool IsOwn { get; init; }

        public TaskCompletionSource? Done { get; init; }
    }
}

/// <summary>What a mailbox uses of its surroundings.</summary>
public sealed record MailboxServices(IMeshStore Store, Deliverer Deliverer, MeshClock Clock, SignallingMetrics Metrics, ILogger<PartitionMailbox> Logger)
{
    /// <summary>Null where rooms open without a reservation.</summary>
    public IReservationSystem? Reservations { get; init; }

    /// <summary>Null where nobody is told of what happens in rooms.</summary>
    public IRoomEvents? Events { get; init; }
}

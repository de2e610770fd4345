using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// Events of rooms between the room's document, where they stand with what they tell of, and the outbox that keeps them until they are delivered. A room does not wait for them: an event that cannot be kept now
/// stays here, and in the document, and is tried again. For one caller at a time.
/// </summary>
internal sealed class PendingEvents(IRoomEvents? keeper, MeshClock clock, SignallingMetrics metrics)
{
    private readonly Dictionary<string, List<RoomEvent>> _byRoom = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>When it is to be tried again.</summary>
    public MonotonicTime RetryAt { get; private set; } = MonotonicTime.Never;

    /// <summary>Those of a room that are not kept yet.</summary>
    public IReadOnlyList<RoomEvent> Of(string room) => _byRoom.TryGetValue(room, out var list) ? list : [];

    public bool Has(string room) => _byRoom.ContainsKey(room);

    public void Add(IReadOnlyList<RoomEvent> events)
    {
        // Written by a process that had receivers, and this one has none.
        if (keeper is null) return;
        foreach (var one in events)
        {
            if (!_byRoom.TryGetValue(one.Room, out var list)) _byRoom[one.Room] = list = [];
            list.Add(one);
            if (++_count > SignallingLimits.UnkeptRoomEvents) DropOne();
        }
    }

    /// <summary>Gives away what it can in <see cref="SignallingLimits.RoomEventTime"/>, of rooms whose documents are written. It throws for a cancellation alone.</summary>
    /// <param name="isWritten">Whether what the events of a room tell of is in its document; otherwise they might tell what nobody will know.</param>
    /// <param name="cancellation">Ends it.</param>
    public async ValueTask PutAsync(Func<string, bool> isWritten, CancellationToken cancellation)
    {
        if (_count == 0 || keeper is null) return;
        var now = clock.Now.Now;
        if (RetryAt != MonotonicTime.Never && now < RetryAt) return;
        RetryAt = MonotonicTime.Never;
        using var late = new CancellationTokenSource(SignallingLimits.RoomEventTime, clock.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        foreach (var batch in Ready(isWritten, now).Chunk(SignallingLimits.RoomEventBatch))
        {
            try
            {
                await keeper.PutAsync(batch, both.Token).AsTask().WaitAsync(both.Token);
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                metrics.StoreFailures.Add(1);
                RetryAt = clock.Now.Now + SignallingLimits.RoomEventPause;
                return;
            }

            foreach (var one in batch) RemoveFirst(one.Room);
        }
    }

    private List<RoomEvent> Ready(Func<string, bool> isWritten, MonotonicTime now)
    {
        var ready = new List<RoomEvent>();
        foreach (var (room, list) in _byRoom)
        {
            if (isWritten(room)) ready.AddRange(list);
            else RetryAt = now + SignallingLimits.RoomEventPause;
        }

        return ready;
    }

    private void DropOne()
    {
        RemoveFirst(_byRoom.MaxBy(pair => pair.Value.Count).Key);
        metrics.WebhookDropped("store");
    }

    private void RemoveFirst(string room)
    {
        var list = _byRoom[room];
        list.RemoveAt(0);
        _count--;
        if (list.Count == 0) _byRoom.Remove(room);
    }
}

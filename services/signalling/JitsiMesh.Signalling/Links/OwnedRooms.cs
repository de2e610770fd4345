using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// The rooms of one partition under one ownership, and the order in which an input takes effect: rooms handle it, their changes and what
/// is about to be sent are written, and only then it is told. For one caller at a time; <see cref="PartitionMailbox"/> runs it on a loop, the simulation
/// on virtual time.
/// </summary>
public sealed class OwnedRooms
{
    private readonly RoomPartition _rooms;
    private readonly MailboxServices _services;
    private readonly RoomOutputs _outputs = new();
    private readonly Dictionary<string, RoomChange> _unwritten = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RoomJournal> _journals = new(StringComparer.Ordinal);
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);
    private readonly List<RoomInput> _held = [];
    private readonly List<RoomDelivery> _heldDeliveries = [];
    private readonly Queue<RoomJournal.Outgoing> _outgoing = new();
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly PendingEvents _events;
    private readonly EndedReservations? _endedReservations;
    private readonly Queue<(RoomJournal.Outgoing Envelope, long Epoch)> _leaving = new();
    private bool _completing;
    private bool _holds = true;
    private bool _holdsDeliveries = true;
    private long _focusEpoch;

    private OwnedRooms(RoomPartition rooms, long epoch, MailboxServices services)
    {
        _rooms = rooms;
        Epoch = epoch;
        _services = services;
        _events = new PendingEvents(services.Events, services.Clock, services.Metrics);
        _endedReservations = services.Reservations is { } reservations ? new EndedReservations(reservations, rooms, services) : null;
    }

    public RoomPartition Rooms => _rooms;

    public long Epoch { get; }

    /// <summary>When there is something to do here though nothing comes in.</summary>
    public MonotonicTime Deadline => MonotonicTime.Min(MonotonicTime.Min(_rooms.Deadline, _events.RetryAt), _endedReservations?.Deadline ?? MonotonicTime.Never);

    /// <summary>
    /// Takes over the partition's rooms as the owner before left them: keeps that one out of each document, then reads it, then sends
    /// again what it may not have sent. What sessions of this node say and get waits for <see cref="MarkAsync"/>.
    /// </summary>
    public static async ValueTask<OwnedRooms> AcquireAsync(RoomPartition rooms, long epoch, MailboxServices services, CancellationToken cancellation)
    {
        var owned = new OwnedRooms(rooms, epoch, services);
        foreach (var key in await services.Store.KeysAsync(Room.KeyPrefix(rooms.Context.Partition), cancellation))
        {
            await services.Store.WriteAsync(key, epoch, new DocumentChange(), cancellation);
            if (await services.Store.ReadAsync(key, cancellation) is not { } document) continue;
            var isRestored = StoredRoom.TryRestore(rooms, key, document, services, out var journal, out var outbox);
            var hadEnded = owned._endedReservations is { } ended && await ended.TakeOverAsync(key, document, cancellation);
            if (!isRestored)
            {
                // So that a room of that name begins anew, without what is left of it.
                await services.Store.DeleteAsync(key, epoch, cancellation);
                continue;
            }

            var room = owned.RoomOf(key);
            if (journal is not null) owned._journals[room] = journal;
            foreach (var outgoing in outbox) await services.Deliverer.SendAsync(outgoing, epoch, cancellation);
            owned._events.Add(journal?.Events ?? []);
            await owned._events.PutAsync(static _ => true, cancellation);
            if (rooms.Rooms.ContainsKey(room))
            {
                if (hadEnded) owned.ForgetEnded(key);
                continue;
            }

            if (owned._events.Has(room))
            {
                owned._ended.Add(key);
                continue;
            }

            // It ended, and its last words are out now.
            owned._journals.Remove(room);
            await services.Store.DeleteAsync(key, epoch, cancellation);
        }

        return owned;
    }

    /// <summary>
    /// Sends the marks. A mark may come through its queue before this task ends: the caller of <see cref="Release"/> must find this ownership by then.
    /// </summary>
    public ValueTask MarkAsync(CancellationToken cancellation) => _services.Deliverer.MarkAsync(_rooms.Context.Partition, Epoch, cancellation);

    /// <summary>A mark came through its queue: what waited behind it follows.</summary>
    public void Release(StanzaEnvelope mark, MeshInstant now)
    {
        if (mark.Epoch != Epoch || mark.ReplyQueue != _services.Deliverer.OwnQueue) return;
        if (OwnershipMark.IsForInputs(mark))
        {
            _holds = false;
            foreach (var input in _held) Handle(input, now);
            _held.Clear();
        }
        else
        {
            _holdsDeliveries = false;
            _services.Deliverer.DeliverHere(_heldDeliveries);
            _heldDeliveries.Clear();
        }
    }

    /// <summary>Whether stanzas of this node's sessions wait for the mark.</summary>
    public bool HoldsInputs => _holds;

    /// <summary>The end of this ownership: what waits goes through the queues. Called again after a cancellation it continues where it stopped.</summary>
    /// <param name="unhandled">Stanzas of this node's sessions that came after those that wait for the mark.</param>
    public async ValueTask LeaveAsync(IEnumerable<RoomInput> unhandled, CancellationToken cancellation)
    {
        foreach (var outgoing in _services.Deliverer.SplitHere(_heldDeliveries)) _leaving.Enqueue((outgoing, Epoch));
        foreach (var input in (RoomInput[])[.. _held, .. unhandled.Except(_held)]) _leaving.Enqueue((Deliverer.Forwarded(input, _rooms.Context.Partition), 0));
        _heldDeliveries.Clear();
        _held.Clear();
        while (_leaving.TryPeek(out var next))
        {
            await _services.Deliverer.SendAsync(next.Envelope, next.Epoch, cancellation);
            _leaving.Dequeue();
        }
    }

    /// <summary>A stanza of a session of this node. False where it waits for the mark.</summary>
    public bool HandleOwn(RoomInput input, MeshInstant now)
    {
        if (_holds) _held.Add(input);
        else Handle(input, now);
        return !_holds;
    }

    /// <summary>The input in an envelope; null when it was handled before, is from a focus that has lost the conference, or unreadable.</summary>
    public RoomInput? Read(StanzaEnvelope envelope, SignallingDomains domains)
    {
        if (envelope.Origin is null && envelope.FromRoom is null && envelope.ReplyQueue.Length == 0)
        {
            // Focus: what an older owner of the conference still sends no longer counts.
            if (envelope.Epoch > 0 && envelope.Epoch < _focusEpoch)
            {
                _services.Metrics.Refused("stale-epoch");
                return null;
            }

            _focusEpoch = Math.Max(_focusEpoch, envelope.Epoch);
        }

        var input = LinkInput.FromEnvelope(envelope, domains, _rooms.Context.FocusQueue);
        if (input is null) _services.Metrics.Refused("unreadable-envelope");
        return input;
    }

    public void Handle(RoomInput input, MeshInstant now)
    {
        var journal = JournalOf(input.Room);
        if (input.Number is { } number && journal is not null && !journal.TakeIn(number)) return;
        if (input.SessionNumber is { } own && journal is not null && !journal.TakeInOf(input.From.FullJid, own)) return;
        var (deliveries, services) = (_outputs.Deliveries.Count, _outputs.Services.Count);
        _rooms.Handle(input, now, _outputs);
        TellFailures();
        TraceAfter(input, services);
        if (journal is null && input.Number is { } first) JournalOf(input.Room)?.TakeIn(first);
        if (journal is null && input.SessionNumber is { } begun) JournalOf(input.Room)?.TakeInOf(input.From.FullJid, begun);
        _touched.Add(input.Room);
        // The session's own number where there is one: it stays the same when the client sends the stanza again.
        var passed = input.SessionNumber is { } sent ? new LinkNumber(input.From.FullJid, sent) : input.Number;
        if (passed is { } question && JournalOf(input.Room) is null) NumberAfter(question, deliveries, services);
    }

    public void Tick(MeshInstant now)
    {
        _rooms.Tick(now, _outputs);
        TellFailures();
    }

    /// <summary>The inputs that <see cref="CompleteAsync"/> was last called for are in the store and delivered here, even if envelopes could not be sent.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>How often a room has failed, which is always a bug of ours.</summary>
    public long Failures { get; private set; }

    /// <summary>
    /// Writes what changed since the last time, then delivers. False when a newer owner has written: then nothing may go out any more.
    /// A store that fails does not stop the meetings; its changes are kept and come with the next write. A cancellation of any origin is passed on, because it leaves open what was done:
    /// called again before anything else, the method continues where it stopped, with the same documents and numbers.
    /// </summary>
    public async ValueTask<bool> CompleteAsync(CancellationToken cancellation)
    {
        if (!_completing) BeginCompleting();
        foreach (var (key, change) in _unwritten.ToArray())
        {
            try
            {
                if ((change.Deleted || change.Fields.Count > 0) && !await _services.Store.WriteAsync(key, Epoch, await DocumentAsync(key, change, cancellation), cancellation)) return false;
                _unwritten.Remove(key);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                _services.Metrics.StoreFailures.Add(1);
                PartitionMailbox.LogNotWritten(_services.Logger, exception);
            }
        }

        IsWritten = true;
        if (_holdsDeliveries && !_services.Deliverer.IsAllOverLink) _heldDeliveries.AddRange(_outputs.Deliveries);
        else _services.Deliverer.DeliverHere(_outputs.Deliveries);
        foreach (var call in _outputs.Calls)
        {
            if (call.EndedId is null) _services.Reservations?.Begin(call);
        }

        _outputs.Clear();
        while (_outgoing.TryPeek(out var one))
        {
            await _services.Deliverer.SendAsync(one, Epoch, cancellation);
            _outgoing.Dequeue();
        }

        await _events.PutAsync(room => !_unwritten.ContainsKey(Room.KeyPrefix(_rooms.Context.Partition) + room), cancellation);
        await PutEndedAsync(cancellation);
        await ForgetEndedAsync(cancellation);
        _completing = false;
        return true;
    }

    private async ValueTask PutEndedAsync(CancellationToken cancellation)
    {
        if (_endedReservations is null) return;
        await _endedReservations.PutAsync(key => !_unwritten.ContainsKey(key), cancellation);
        while (_endedReservations.TryTakeDone(out var key))
        {
            // A room of that name may have begun meanwhile.
            if (_rooms.Rooms.ContainsKey(RoomOf(key))) ForgetEnded(key);
            else _ended.Add(key);
        }
    }

    // With the next change of any room.
    private void ForgetEnded(string key)
    {
        if (!_services.Store.OutlivesProcess) return;
        if (!_unwritten.TryGetValue(key, out var change)) _unwritten[key] = change = new RoomChange();
        change.Fields[EndedReservations.Field] = null;
    }

    private void BeginCompleting()
    {
        var outgoing = _services.Deliverer.Split(_outputs);
        foreach (var (key, change) in _outputs.Changes)
        {
            Merge(key, change);
            _touched.Add(RoomOf(key));
            if (change.Deleted && !_rooms.Rooms.ContainsKey(RoomOf(key))) _ended.Add(key);
        }

        _events.Add(_outputs.Events);
        foreach (var call in _outputs.Calls)
        {
            if (call.EndedId is not null) _endedReservations?.Add(Room.KeyPrefix(_rooms.Context.Partition) + call.Room, call);
        }

        if (_services.Store.OutlivesProcess)
        {
            KeepJournals(outgoing);
            _endedReservations?.Save(_unwritten);
        }

        _touched.Clear();
        foreach (var one in outgoing) _outgoing.Enqueue(one);
        (_completing, IsWritten) = (true, false);
    }

    // The document of a room that ended is there until its last words are out, its last events are kept, and the end of its reservation is (PutEndedAsync brings its key again then);
    // a room of the same name may have begun meanwhile.
    private async ValueTask ForgetEndedAsync(CancellationToken cancellation)
    {
        if (_ended.Count == 0) return;
        foreach (var key in _ended.ToArray())
        {
            var room = RoomOf(key);
            // A change that is still to be written would bring the document back.
            if (_events.Has(room) || _unwritten.ContainsKey(key)) continue;
            if (_endedReservations?.Waits(key) != true && !_rooms.Rooms.ContainsKey(room))
            {
                _journals.Remove(room);
                if (!await DeleteAsync(key, cancellation)) continue;
            }

            _ended.Remove(key);
        }
    }

    private async ValueTask<bool> DeleteAsync(string key, CancellationToken cancellation)
    {
        try
        {
            await _services.Store.DeleteAsync(key, Epoch, cancellation);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _services.Metrics.StoreFailures.Add(1);
            PartitionMailbox.LogNotWritten(_services.Logger, exception);
            return false;
        }
    }

    private string RoomOf(string key) => key[Room.KeyPrefix(_rooms.Context.Partition).Length..];

    // A room gets its journal with its first stanza, and keeps it until its last words are out.
    private RoomJournal? JournalOf(string room)
    {
        if (_journals.TryGetValue(room, out var journal)) return journal;
        return _rooms.Rooms.ContainsKey(room) ? _journals[room] = new RoomJournal(_rooms.Context.Random.NextHex(16)) : null;
    }

    private void KeepJournals(List<RoomJournal.Outgoing> outgoing)
    {
        for (var i = 0; i < outgoing.Count; i++)
        {
            var one = outgoing[i];
            if (JournalOf(one.Sender) is not { } journal || one.Envelope.Sequence > 0) continue;
            outgoing[i] = one with { Envelope = journal.Number(new LinkQueue(one.Queue), one.Envelope) };
            _touched.Add(one.Sender);
        }

        foreach (var room in _touched)
        {
            if (JournalOf(room) is not { } journal) continue;
            var key = Room.KeyPrefix(_rooms.Context.Partition) + room;
            if (!_unwritten.TryGetValue(key, out var change)) _unwritten[key] = change = new RoomChange();
            journal.Save([.. outgoing.Where(one => one.Sender == room)], _events.Of(room), change.Fields);
        }
    }

    // Where there is no room to keep a journal, what an envelope makes carries that envelope's own number: handled again, it makes the same.
    private void NumberAfter(LinkNumber number, int deliveries, int services)
    {
        var derived = number with { Sender = number.Sender + ">" };
        for (var i = deliveries; i < _outputs.Deliveries.Count; i++) _outputs.Deliveries[i] = _outputs.Deliveries[i] with { Number = derived };
        for (var i = services; i < _outputs.Services.Count; i++)
        {
            var service = _outputs.Services[i];
            _outputs.Services[i] = service with { Envelope = service.Envelope with { Sender = derived.Sender, Sequence = derived.Sequence } };
        }
    }

    private void TellFailures()
    {
        foreach (var failure in _outputs.Failures)
        {
            Failures++;
            _services.Metrics.Refused("room-failure");
            RoomFailureLog.Write(_services.Logger, failure);
        }

        _outputs.Failures.Clear();
        foreach (var reason in _outputs.Refused) _services.Metrics.Refused(reason);
        _outputs.Refused.Clear();
    }

    // What goes to a service because of a session's stanza belongs to what that session does now, not to what it did when it came.
    private void TraceAfter(RoomInput input, int services)
    {
        for (var i = services; i < _outputs.Services.Count; i++)
        {
            var service = _outputs.Services[i];
            if (service.Envelope.TraceParent == input.From.Trace || service.Envelope.Origin?.RealJid != input.From.FullJid) continue;
            _outputs.Services[i] = service with { Envelope = service.Envelope with { TraceParent = input.From.Trace } };
        }
    }

    private void Merge(string key, RoomChange change)
    {
        if (!_unwritten.TryGetValue(key, out var waiting) || change.Deleted) _unwritten[key] = waiting = new RoomChange { Deleted = change.Deleted };
        foreach (var (field, value) in change.Fields) waiting.Fields[field] = value;
    }

    private async ValueTask<DocumentChange> DocumentAsync(string key, RoomChange change, CancellationToken cancellation)
    {
        var put = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var remove = new HashSet<string>(StringComparer.Ordinal);
        // A room that ended leaves nothing but its last words to the one that may follow.
        if (change.Deleted && await _services.Store.ReadAsync(key, cancellation) is { } stored) remove.UnionWith(stored.Fields.Keys);
        foreach (var (field, value) in change.Fields)
        {
            if (value is null) remove.Add(field);
            else put[field] = value;
        }

        remove.ExceptWith(put.Keys);
        return new DocumentChange { Put = put, Remove = remove };
    }
}

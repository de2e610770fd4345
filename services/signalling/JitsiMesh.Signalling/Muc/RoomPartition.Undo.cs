using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// What takes effect, and what is undone. An input's outputs and changes are kept apart until it is through; an exception, which is a bug of ours, drops
/// them, puts the room back to what it has written, and costs the sender an error.
/// </summary>
public sealed partial class RoomPartition
{
    /// <summary>What occupants are told of a room that cannot be put back.</summary>
    public const string Broken = "The conference ended because of an error on the server";

    private readonly WrittenRooms _written = new();
    private readonly RoomOutputs _step = new();
    private readonly Queue<RoomInput> _released = new();
    private readonly Dictionary<string, MonotonicTime> _tickPauses = new(StringComparer.Ordinal);
    private Room? _target;
    private IReadOnlyList<RoomInput> _heldBefore = [];

    /// <summary>Notes of the room that a step is for what is in no document: a step that fails may have changed it.</summary>
    private void Aim(Room? target) => (_target, _heldBefore) = (target, target?.Held ?? []);

    /// <summary>An input, and the held joins that it releases.</summary>
    private void Take(RoomInput input, SenderBudget? budget, MeshInstant now, RoomOutputs outputs)
    {
        TakeOne(input, budget, now, outputs);
        TakeReleased(now, outputs);
    }

    private void TakeReleased(MeshInstant now, RoomOutputs outputs)
    {
        while (_released.TryDequeue(out var held)) TakeOne(held, IsUnbounded(held.From) ? null : _senders.Of(held.From.FullJid, now.Now), now, outputs);
    }

    private void TakeOne(RoomInput input, SenderBudget? budget, MeshInstant now, RoomOutputs outputs)
    {
        Aim(null);
        try
        {
            Dispatch(input, now, _step);
            budget?.Charge(input.From.FullJid, _step, BudgetOfAddress(input, now.Now), now.Now);
            Commit(outputs);
        }
        catch (Exception exception)
        {
            Undo(RoomsOf(input), new RoomFailure(exception, input.Room, input.From.FullJid, input.Stanza.Name), now, outputs);
            budget?.ChargeFailure(now.Now);
            if (input.Stanza is { Name: "presence" }) PresenceFailed(input, now, outputs);
            else Reply(input, StanzaError.InternalServerError, outputs);
        }
    }

    // An error to a presence tells a client that it is not in the room, so an occupant gets none. A leave takes effect without the feature that failed.
    private void PresenceFailed(RoomInput input, MeshInstant now, RoomOutputs outputs)
    {
        var room = RoomsOf(input).Select(Find).FirstOrDefault(room => room?.ByRealJid(input.From.FullJid) is not null);
        if (input.Stanza["type"] is null && room is null) Reply(input, StanzaError.InternalServerError, outputs);
        if (input.Stanza["type"] != "unavailable" || room is null) return;
        try
        {
            _step.Forgives = true;
            Dispatch(input, now, _step);
            Commit(outputs);
        }
        catch (Exception exception)
        {
            Undo(RoomsOf(input), new RoomFailure(exception, room.Jid, input.From.FullJid, "leave"), now, outputs);
            return;
        }

        // The feature that failed goes back to what it has written.
        if (_rooms.ContainsKey(room.Jid)) PutBack(room.Jid, now, outputs);
    }

    private void TickRoom(Room room, MeshInstant now, RoomOutputs outputs)
    {
        try
        {
            Aim(room);
            if (room.IsLeftOver) room.Dissolve(now, _step);
            else room.Tick(now, _step);
            Forget(room);
            Commit(outputs);
            _tickPauses.Remove(room.Jid);
        }
        catch (Exception exception)
        {
            Undo([room.Jid, LobbyOf(room.Address)], new RoomFailure(exception, room.Jid, null, "tick"), now, outputs);
            if (_rooms.ContainsKey(room.Jid)) _tickPauses[room.Jid] = now.Now + SignallingLimits.FailedTickPause;
        }
    }

    /// <summary>When a room's timers want to run: later, when they have just failed.</summary>
    private MonotonicTime TickOf(Room room)
    {
        if (_tickPauses.Count > 0 && _tickPauses.TryGetValue(room.Jid, out var pause)) return pause;
        try
        {
            return room.Deadline;
        }
        catch (Exception)
        {
            // The tick will find the same, and is where it is told.
            return MonotonicTime.Zero;
        }
    }

    private void Commit(RoomOutputs outputs)
    {
        _written.Apply(_step.Changes);
        foreach (var held in _step.Released) _released.Enqueue(held);
        _step.Released.Clear();
        outputs.Append(_step);
        if (_tickPauses.Count > 0)
        {
            foreach (var ended in _tickPauses.Keys.Where(jid => !_rooms.ContainsKey(jid)).ToArray()) _tickPauses.Remove(ended);
        }

        _step.Clear();
    }

    private void Undo(IReadOnlyList<string> rooms, RoomFailure failure, MeshInstant now, RoomOutputs outputs)
    {
        _step.Clear();
        outputs.Failures.Add(failure);
        foreach (var room in rooms) PutBack(room, now, outputs);
    }

    /// <summary>The rooms that an input may have changed: the one that it is for, and its lobby or main room.</summary>
    private IReadOnlyList<string> RoomsOf(RoomInput input)
    {
        var rooms = new HashSet<string>(StringComparer.Ordinal);
        foreach (var address in (string?[])[input.Room, input.Stanza["to"]])
        {
            if (!Jid.TryParse(address, out var jid)) continue;
            var stored = Context.Domains.ToStored(jid).Bare;
            if (stored.Local is null) continue;
            rooms.Add(stored.ToString());
            if (stored.Domain == Context.Domains.MucDomain) rooms.Add(LobbyOf(stored));
            if (stored.Domain == Context.Domains.LobbyDomain) rooms.Add($"{stored.Local}@{Context.Domains.MucDomain}");
        }

        return [.. rooms];
    }

    /// <summary>Puts a room back to what it has written: nothing, if a stanza that failed was its first.</summary>
    private void PutBack(string jid, MeshInstant now, RoomOutputs outputs)
    {
        if (!_rooms.Remove(jid, out var failed) && _target?.Jid == jid) failed = _target;
        var key = Room.KeyPrefix(Context.Partition) + jid;
        if (_written.Of(key) is not { } document)
        {
            // It has no occupant yet. The joins that wait for focus are kept.
            if (failed is null || failed != _target || _heldBefore.Count == 0) return;
            _rooms[jid] = new Room(Context, failed.Address, failed.Configuration.MeetingId);
            _rooms[jid].KeepOf(failed, _heldBefore);
            return;
        }

        try
        {
            var room = Room.Restore(Context, key, document) ?? throw new InvalidDataException("The room's document holds no room.");
            if (failed is not null) room.KeepOf(failed, failed == _target ? _heldBefore : failed.Held);
            _rooms[jid] = room;
        }
        catch (Exception exception)
        {
            outputs.Failures.Add(new RoomFailure(exception, jid, null, "put back"));
            Abandon(jid, key, document, failed, now, outputs);
        }
    }

    /// <summary>Ends a room that cannot be put back, without any of its features: its occupants are told, and held joins get the error after which clients ask focus again.</summary>
    private void Abandon(string jid, string key, StoredDocument document, Room? failed, MeshInstant now, RoomOutputs outputs)
    {
        var plain = Context with { Modules = static _ => [] };
        try
        {
            var room = Room.Restore(plain, key, document) ?? throw new InvalidDataException("The room's document holds no room.");
            if (failed is not null) room.KeepOf(failed, failed == _target ? _heldBefore : failed.Held);
            room.Destroy(Broken, null, now, _step);
        }
        catch (Exception exception)
        {
            _step.Clear();
            outputs.Failures.Add(new RoomFailure(exception, jid, null, "end"));
            failed?.TellEnd(Broken, _step);
            _step.Change(key).Deleted = true;
        }

        Commit(outputs);
        if (Find(jid) is { } gone) Forget(gone);
        if (Jid.TryParse(jid, out var address) && _rooms.TryGetValue(LobbyOf(address), out var lobby) && lobby.Ended) _rooms.Remove(lobby.Jid);
    }
}

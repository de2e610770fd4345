using System.Text.Json;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Modules.RoomEvents;

/// <summary>
/// Tells outside when a room begins and ends, and who comes and goes. Participants are people: neither focus and other services' accounts, nor hidden ones (recorder, transcriber). A room
/// begins with its first participant, so that one which focus opened for nobody is not told of. It only notes what happened: the events are kept with the room's own document and delivered
/// by others.
/// </summary>
/// <param name="room">The room.</param>
/// <param name="wanted">The types that somebody wants to hear (<see cref="RoomEventTypes"/>).</param>
public sealed class RoomEventsModule(Room room, IReadOnlySet<string> wanted) : RoomModule(room)
{
    private RoomLife _life = RoomLife.NotBegun;

    public override string Name => "events";

    public override void Entered(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (!IsParticipant(occupant)) return;
        var before = _life;
        if (!_life.HasBegun) _life = _life with { Began = now.Utc.ToUnixTimeMilliseconds() };
        var present = Room.Occupants.Count(IsParticipant);
        if (present > _life.Peak) _life = _life with { Peak = present };
        if (_life != before) Room.MarkModule(this, outputs);
        if (!before.HasBegun) Tell(RoomEventTypes.RoomCreated, RoomEventJson.Created(Room, _life), now, outputs);
        Tell(RoomEventTypes.ParticipantJoined, RoomEventJson.Joined(Room, occupant), now, outputs);
    }

    public override void Left(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        // Who came in before there were events has not been told of.
        if (!_life.HasBegun || occupant.JoinedMilliseconds == 0 || !IsParticipant(occupant)) return;
        Tell(RoomEventTypes.ParticipantLeft, RoomEventJson.Left(Room, occupant, now), now, outputs);
    }

    public override void Over(MeshInstant now, RoomOutputs outputs)
    {
        if (!_life.HasBegun) return;
        Tell(RoomEventTypes.RoomEnded, RoomEventJson.Ended(Room, _life, now), now, outputs);
        _life = RoomLife.NotBegun;
    }

    public override byte[]? Save() => _life.HasBegun ? JsonSerializer.SerializeToUtf8Bytes(_life) : null;

    public override void Load(ReadOnlySpan<byte> state) => _life = JsonSerializer.Deserialize<RoomLife>(state) ?? RoomLife.NotBegun;

    private bool IsParticipant(Occupant occupant) => !Room.IsAdmin(occupant.Session) && !Room.IsHidden(occupant.Session);

    private void Tell(string type, Action<Utf8JsonWriter> data, MeshInstant now, RoomOutputs outputs)
    {
        if (!wanted.Contains(type)) return;
        var body = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteString("timestamp", RoomEventJson.Time(now.Utc));
            writer.WriteStartObject("data");
            data(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
        outputs.Events.Add(new RoomEvent(Room.Jid, "msg_" + Room.Context.Random.NextHex(SignallingLimits.RoomEventIdDigits), type, now.Utc.ToUnixTimeMilliseconds(), body));
    }
}

/// <summary>What is kept of a room for its events.</summary>
/// <param name="Began">When the first participant came, in milliseconds since 1970; 0 before.</param>
/// <param name="Peak">The most participants at once.</param>
internal sealed record RoomLife(long Began, int Peak)
{
    public static readonly RoomLife NotBegun = new(0, 0);

    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasBegun => Began > 0;
}

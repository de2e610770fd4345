namespace JitsiMesh.Signalling.Muc;

/// <summary>Something that happened in a room, for receivers outside. It holds names, so it prints nothing.</summary>
/// <param name="Room">The stored address of the room: what happened in one room is told in its order.</param>
/// <param name="Id">Another one for each event, the same whenever it is told again.</param>
/// <param name="Type">For instance <c>participant.joined</c>.</param>
/// <param name="Milliseconds">When it happened, since 1970.</param>
/// <param name="Body">All of it, as JSON.</param>
public sealed record RoomEvent(string Room, string Id, string Type, long Milliseconds, string Body)
{
    public override string ToString() => $"room event {Type}";
}

/// <summary>Where events are kept until they are told.</summary>
public interface IRoomEvents
{
    /// <summary>Keeps events. Their order, and that of calls, counts within a room. One that is kept already, by its id, may be kept once more.</summary>
    /// <exception cref="Exception">Each of them may be kept or not; the caller tries all of them again.</exception>
    ValueTask PutAsync(IReadOnlyList<RoomEvent> happened, CancellationToken cancellation);
}

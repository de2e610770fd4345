namespace JitsiMesh.Signalling.Modules.RoomEvents;

/// <summary>What is told of a room.</summary>
public static class RoomEventTypes
{
    public const string RoomCreated = "room.created";
    public const string RoomEnded = "room.ended";
    public const string ParticipantJoined = "participant.joined";
    public const string ParticipantLeft = "participant.left";

    public static IReadOnlyList<string> All { get; } = [RoomCreated, RoomEnded, ParticipantJoined, ParticipantLeft];
}

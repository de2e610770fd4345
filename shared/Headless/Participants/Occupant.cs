namespace JitsiMesh.Headless.Participants;

/// <summary>Another occupant of the room, according to its last presence.</summary>
public sealed record Occupant(string Nick, string? RealJid, string Role, string Affiliation, string? DisplayName, string? SourceInfo)
{
    public bool IsModerator => Role == "moderator";
}

namespace JitsiMesh.Headless.Participants;

/// <summary>Another person in the room, as their last presence says.</summary>
public sealed record Occupant(string Nick, string? RealJid, string Role, string Affiliation, string? DisplayName, string? SourceInfo)
{
    public bool IsModerator => Role == "moderator";
}

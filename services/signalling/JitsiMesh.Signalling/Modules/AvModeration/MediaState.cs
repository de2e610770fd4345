namespace JitsiMesh.Signalling.Modules.AvModeration;

/// <summary>The moderation of one medium, as the room keeps it.</summary>
internal sealed record MediaState
{
    /// <summary>Occupant JID of the moderator that began it.</summary>
    public required string Actor { get; init; }

    /// <summary>Occupant JIDs in the form that clients compare.</summary>
    public required List<string> Allowed { get; init; }

    public bool? StartMutedBefore { get; init; }

    /// <summary>Moderators were last told a change instead of the list: what they hold as the list is not all of it.</summary>
    public bool Partial { get; set; }
}

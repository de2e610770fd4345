namespace JitsiMesh.Signalling.Muc;

/// <summary>What an owner can set (XEP-0045 section 10.2), and what belongs to the meeting.</summary>
public sealed record RoomConfiguration
{
    /// <summary>Null for an open room.</summary>
    public string? Password { get; init; }

    public bool MembersOnly { get; init; }

    /// <summary>Those who are no members wait in a lobby.</summary>
    public bool HasLobby { get; init; }

    /// <summary>The lobby is for those who wait for the host; the host closes it by coming.</summary>
    public bool WaitsForHost { get; init; }

    public string Description { get; init; } = "";

    public required string MeetingId { get; init; }

    /// <summary>When the second occupant came, focus counted: milliseconds since 1970; 0 before.</summary>
    public long CreatedMilliseconds { get; init; }

    /// <summary>Focus has been in: joins are not held any more.</summary>
    public bool FocusSeen { get; init; }

    public string? Subject { get; init; }

    /// <summary>The nick of who set the subject.</summary>
    public string? SubjectNick { get; init; }
}

/// <summary>One kept message.</summary>
/// <param name="Id">Its stable id.</param>
/// <param name="Nick">The author's nick.</param>
/// <param name="AuthorBareJid">For the check that only the author retracts.</param>
/// <param name="Stanza">The message as XML text, without <c>to</c>, with its delay.</param>
public sealed record HistoryEntry(string Id, string Nick, string AuthorBareJid, string Stanza);

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// All that another node needs to continue a session, except for its resume id, which the client brings: a reader of this cannot resume. It holds a token, names and what people said: it prints nothing.
/// </summary>
public sealed record SavedSession
{
    public required string FullJid { get; init; }

    /// <summary>The link queue at which rooms reach the session. It stays the same, whichever node consumes it.</summary>
    public required string Queue { get; init; }

    public required Contracts.Links.SessionContext Context { get; init; }

    /// <summary>The client's stanzas that were handled (XEP-0198 <c>h</c>).</summary>
    public uint Handled { get; init; }

    /// <summary>The server's stanzas that the client has acknowledged.</summary>
    public uint Acknowledged { get; init; }

    /// <summary>What was sent beyond those, oldest first.</summary>
    public IReadOnlyList<SavedStanza> Unacknowledged { get; init; } = [];

    /// <summary>Stored room addresses and the occupant address in each.</summary>
    public IReadOnlyDictionary<string, string> Rooms { get; init; } = new Dictionary<string, string>();

    /// <summary>Rooms that it was put out of, oldest first: they hear of its end all the same.</summary>
    public IReadOnlyList<FormerRoom> Former { get; init; } = [];

    /// <summary>When its login was asked for, in milliseconds since 1970.</summary>
    public long AskedMilliseconds { get; init; }

    /// <summary>The last number of each sender whose stanzas are in here.</summary>
    public IReadOnlyList<SavedPosition> Positions { get; init; } = [];

    /// <summary>Until when it waits for a socket, in milliseconds since 1970; 0 where a socket served it when this was written.</summary>
    public long WaitsUntilMilliseconds { get; init; }

    /// <summary>In which pieces the store has the unacknowledged stanzas; not written itself.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<SavedChunk> Chunks { get; init; } = [];

    public override string ToString() => "saved session";
}

/// <summary>Stanzas that were written together.</summary>
/// <param name="First">The number (XEP-0198) of the first.</param>
/// <param name="Count">How many.</param>
/// <param name="Octets">As they stand in the store.</param>
public readonly record struct SavedChunk(uint First, int Count, int Octets);

/// <param name="Stanza">As text, with an empty <c>to</c>.</param>
/// <param name="SentMilliseconds">When it was sent first, in milliseconds since 1970.</param>
public sealed record SavedStanza(string Stanza, long SentMilliseconds)
{
    public override string ToString() => "saved stanza";
}

/// <param name="Room">The stored address of the room.</param>
/// <param name="OccupantJid">The address in it.</param>
public sealed record FormerRoom(string Room, string OccupantJid);

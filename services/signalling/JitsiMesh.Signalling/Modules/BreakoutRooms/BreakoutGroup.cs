namespace JitsiMesh.Signalling.Modules.BreakoutRooms;

/// <summary>What a main room knows of its breakout rooms; stored with it.</summary>
public sealed class BreakoutGroup
{
    /// <summary>Breakout rooms that were ever made here: clients number new ones by it.</summary>
    public int Counter { get; set; }

    /// <summary>By stored bare JID, in the order in which they were made.</summary>
    public Dictionary<string, BreakoutRecord> Rooms { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Sessions that left for another room of the group and are in none: nicks by full JID.</summary>
    public Dictionary<string, string> Away { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Focus was told that somebody is in a breakout room.</summary>
    public bool ToldOccupied { get; set; }

    public bool IsOccupied
    {
        get
        {
            foreach (var room in Rooms.Values)
            {
                if (room.People.Count > 0) return true;
            }

            return false;
        }
    }

    /// <summary>Whether a session has been in the main room and left it for the group.</summary>
    public bool Knows(string fullJid) => Away.ContainsKey(fullJid) || RoomOf(fullJid) is not null;

    /// <summary>The breakout room that a session is in, or null.</summary>
    public string? RoomOf(string fullJid)
    {
        foreach (var (jid, room) in Rooms)
        {
            if (room.People.ContainsKey(fullJid)) return jid;
        }

        return null;
    }

    /// <summary>Whether a nick is that of another account, in a breakout room or on the way.</summary>
    public bool IsTaken(string nick, string bareJid)
    {
        foreach (var (jid, away) in Away)
        {
            if (away == nick && !IsOf(jid, bareJid)) return true;
        }

        foreach (var room in Rooms.Values)
        {
            foreach (var (jid, person) in room.People)
            {
                if (person.Nick == nick && !IsOf(jid, bareJid)) return true;
            }
        }

        return false;
    }

    public void GoesAway(string fullJid, string nick)
    {
        Away.Remove(fullJid);
        if (Away.Count >= SignallingLimits.AwayFromRooms) Away.Remove(Away.Keys.First());
        Away[fullJid] = nick;
    }

    private static bool IsOf(string fullJid, string bareJid) => fullJid.Length > bareJid.Length && fullJid[bareJid.Length] == '/' && fullJid.StartsWith(bareJid, StringComparison.Ordinal);
}

/// <summary>One breakout room as its main room knows it.</summary>
public sealed class BreakoutRecord
{
    public required string Subject { get; set; }

    /// <summary>Its owner has made it. Before that nobody is told of it, so that nobody comes to a room that is not there.</summary>
    public bool IsOpen { get; set; }

    /// <summary>By full JID of the session, as the breakout room last said.</summary>
    public Dictionary<string, BreakoutPerson> People { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>A person in a breakout room, as others see it.</summary>
/// <param name="Nick">The nick, the same in all rooms of the group.</param>
/// <param name="Role">moderator, participant, visitor.</param>
/// <param name="Name">The display name, at most <see cref="SignallingLimits.DisplayNameLength"/> long; or null.</param>
public sealed record BreakoutPerson(string Nick, string Role, string? Name);

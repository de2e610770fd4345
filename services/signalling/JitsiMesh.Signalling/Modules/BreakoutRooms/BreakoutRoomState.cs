using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Signalling.Modules.BreakoutRooms;

/// <summary>What a breakout room knows of its group; stored with it.</summary>
public sealed class BreakoutRoomState
{
    /// <summary>The stored bare JID of the main room; null in a room that nobody has opened.</summary>
    public string? Main { get; set; }

    /// <summary>The main room has a lobby.</summary>
    public bool HasLobby { get; set; }

    /// <summary>Joins about which the main room was asked.</summary>
    public List<StanzaEnvelope> Asking { get; set; } = [];

    /// <summary>Sessions whose join the main room allows and that are not in yet: their affiliations there, by full JID.</summary>
    public Dictionary<string, string> LetIn { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Who is in, by full JID, as the main room was told last.</summary>
    public Dictionary<string, BreakoutPerson> Told { get; init; } = new(StringComparer.Ordinal);
}

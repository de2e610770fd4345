using JitsiMesh.Signalling.Modules.RoomMetadata;

namespace JitsiMesh.Signalling.Muc;

/// <summary>A lobby that the server opens and closes, without a moderator (create-lobby-room and destroy-lobby-room of mod_muc_lobby_rooms).</summary>
public sealed partial class Room
{
    /// <summary>Opens a lobby. Present occupants become members, so that none of them has to leave.</summary>
    /// <param name="waitsForHost">Those who wait are told that it is for the host, and need no name.</param>
    /// <param name="outputs">Where it goes.</param>
    public void OpenLobby(bool waitsForHost, RoomOutputs outputs)
    {
        if (Configuration.HasLobby) return;
        foreach (var occupant in _occupants)
        {
            if (AffiliationOf(occupant) == Affiliations.None) TrySetAffiliation(occupant.BareJid, Affiliations.Member);
        }

        MarkAffiliations(outputs);
        Configuration = Configuration with { MembersOnly = true, HasLobby = true, WaitsForHost = waitsForHost };
        MarkConfiguration(outputs);
        Context.Rooms?.CreateLobby(this, outputs);
        Module<RoomMetadataModule>()?.Set("lobbyEnabled", UserJson.Of(true), outputs);
        BroadcastConfigurationChange(outputs);
    }

    /// <summary>Closes it: those who wait come into the room by themselves.</summary>
    public void CloseLobby(string reason, MeshInstant now, RoomOutputs outputs)
    {
        if (!Configuration.HasLobby) return;
        var lobby = Lobby;
        Configuration = Configuration with { MembersOnly = false, HasLobby = false, WaitsForHost = false };
        MarkConfiguration(outputs);
        lobby?.Destroy(reason, ClientJid, now, outputs);
        Module<RoomMetadataModule>()?.Set("lobbyEnabled", UserJson.Of(false), outputs);
        BroadcastConfigurationChange(outputs);
    }

    /// <summary>Whether somebody waits in the room's lobby.</summary>
    public bool HasKnockers => Lobby is { IsEmpty: false };

    /// <summary>Locks the room with a password, as its reservation says.</summary>
    public void Lock(string password, RoomOutputs outputs)
    {
        Configuration = Configuration with { Password = password };
        MarkConfiguration(outputs);
    }
}

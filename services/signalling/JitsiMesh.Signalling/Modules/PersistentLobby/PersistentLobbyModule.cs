using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Modules.PersistentLobby;

/// <summary>A room stays while somebody waits in its lobby (mod_persistent_lobby): it ends when both are empty.</summary>
public sealed class PersistentLobbyModule(Room room) : RoomModule(room)
{
    public override string Name => "persistent_lobby";

    public override bool Keeps => Room.HasKnockers;
}

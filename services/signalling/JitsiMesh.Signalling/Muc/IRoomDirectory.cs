namespace JitsiMesh.Signalling.Muc;

/// <summary>The other rooms of the same mailbox: a lobby has the name, and so the partition, of its main room.</summary>
public interface IRoomDirectory
{
    Room? Find(string storedJid);

    void CreateLobby(Room main, RoomOutputs outputs);
}

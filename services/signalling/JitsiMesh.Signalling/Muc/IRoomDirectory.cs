namespace JitsiMesh.Signalling.Muc;

/// <summary>The other rooms of the same mailbox: a lobby has the name, and so the partition, of its main room.</summary>
public interface IRoomDirectory
{
    Room? Find(string storedJid);

    void CreateLobby(Room main, RoomOutputs outputs);

    /// <summary>Until then, requests for the room are answered with an error, without asking the reservation system.</summary>
    void RefuseReservation(string room, Xmpp.StanzaError error, Primitives.MonotonicTime until);
}

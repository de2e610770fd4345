using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.TokenVerification;

/// <summary>Keeps out whose token is for another room, and lets a token that comes with a resumed session count here only where it is good here.</summary>
public sealed class TokenVerificationModule(Room room, TokenRoomRule rule) : RoomModule(room)
{
    public override string Name => "token_verification";

    public override StanzaError? Admits(SessionInfo session) => rule.Refuse(session, Room.Address);
}

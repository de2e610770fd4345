using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.EndConference;

/// <summary>A moderator ends the meeting for all (mod_end_conference).</summary>
public sealed class EndConferenceModule(Room room, string component) : RoomModule(room)
{
    /// <summary>The client shows its closing page by this very text.</summary>
    public const string Reason = "The meeting has been terminated";

    public override string Name => "end";

    public override string Component => component;

    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        if (message.Child("end_conference") is null) return StanzaError.BadRequest;
        if (!sender.IsModerator) return StanzaError.Forbidden;
        Room.Destroy(Reason, null, now, outputs);
        return null;
    }
}

using System.Globalization;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Modules.ConferenceDuration;

/// <summary>
/// Tells each joiner since when the meeting has lasted (mod_conference_duration_component). COMPAT(lib-jitsi-meet before 2024): it reads this message, newer ones
/// read the same time in the room's description; without it their app shows no duration.
/// </summary>
public sealed class ConferenceDurationModule(Room room, string component) : RoomModule(room)
{
    public override string Name => "duration";

    public override string Component => component;

    public override void Joined(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (occupant.Session.IsService || Room.Configuration.CreatedMilliseconds == 0) return;
        var text = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "conference_duration");
            // As text, as it has always been.
            writer.WriteString("created_timestamp", Room.Configuration.CreatedMilliseconds.ToString(CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        });
        Room.SendEvent(occupant, component, text, outputs);
    }

    public override Xmpp.StanzaError? Command(Occupant sender, Xmpp.XmppElement message, MeshInstant now, RoomOutputs outputs) => Xmpp.StanzaError.FeatureNotImplemented;
}

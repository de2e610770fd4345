using System.Globalization;
using JitsiMesh.Signalling.Modules.EndConference;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Administration;

/// <summary>
/// What an operator's programs do to a room over HTTP, as it reaches the room's owner: size and list (mod_muc_size), end (mod_muc_end_meeting), kick (mod_muc_kick_participant), say
/// (mod_system_chat_message). Who may has been found out where the request came in.
/// </summary>
public sealed class AdministrationModule(Room room) : RoomModule(room)
{
    public const string Namespace = "urn:jitsimesh:administration";

    /// <summary>The local part of the asker's address, in the auth domain.</summary>
    public const string Sender = "administration";

    /// <summary>What clients are told that shall come back at once.</summary>
    public const string EndedSilently = "The meeting has been terminated silently";

    private const string JigasiFeature = "http://jitsi.org/protocol/jigasi";

    public override string Name => "administration";

    public override RoomAnswer? Serve(SessionInfo from, XmppElement request, MeshInstant now, RoomOutputs outputs)
    {
        if (request.Namespace != Namespace) return null;
        if (from.Jid.Local != Sender) return RoomAnswer.Refused(StanzaError.Forbidden);
        switch (request.Name)
        {
            case "size":
                return new RoomAnswer(new XmppElement("size", Namespace, ("participants", People().Count().ToString(CultureInfo.InvariantCulture))));
            case "list":
                return new RoomAnswer(List());
            case "end":
                if (request["silent"] == "true") Room.Destroy(EndedSilently, Room.ClientJid, now, outputs);
                else Room.Destroy(EndConferenceModule.Reason, null, now, outputs);
                return RoomAnswer.Done;
            case "kick":
                return Kick(request, now, outputs);
            case "say":
                return Say(request, outputs);
            default:
                return RoomAnswer.Refused(StanzaError.FeatureNotImplemented);
        }
    }

    // Everybody but focus, the recorder too.
    private IEnumerable<Occupant> People() => Room.Occupants.Where(occupant => occupant.Nick != "focus");

    private XmppElement List()
    {
        var list = new XmppElement("list", Namespace);
        foreach (var occupant in People().Take(SignallingLimits.ListedOccupants))
        {
            list.Add(new XmppElement("occupant", Namespace, ("jid", $"{Room.Jid}/{occupant.Nick}"), ("email", occupant.Presence.Child("email")?.Text), ("display_name", occupant.DisplayName)));
        }

        return list;
    }

    private RoomAnswer Kick(XmppElement request, MeshInstant now, RoomOutputs outputs)
    {
        var victim = request["id"] is { } id ? People().FirstOrDefault(occupant => occupant.Nick == id)
            : request["number"] is { Length: > 0 } number ? People().FirstOrDefault(occupant => IsCall(occupant, number))
            : null;
        if (victim is null) return RoomAnswer.Refused(StanzaError.ItemNotFound);
        Room.Kick(victim, null, null, now, outputs);
        return RoomAnswer.Done;
    }

    /// <summary>A telephone call's gateway has the caller's number for a name.</summary>
    private static bool IsCall(Occupant occupant, string number) =>
        occupant.Presence.Child("features")?.Elements.Any(feature => feature["var"] == JigasiFeature) == true && occupant.DisplayName?.StartsWith(number, StringComparison.Ordinal) == true;

    private RoomAnswer Say(XmppElement request, RoomOutputs outputs)
    {
        if (request.Child("json", Namespace)?.Text is not { } json) return RoomAnswer.Refused(StanzaError.BadRequest);
        foreach (var to in request.Children("to", Namespace))
        {
            // Only who is in the room hears of it.
            if ((Room.ByRealJid(to.Text) ?? Room.ByOccupantJid(to.Text)) is not { } receiver) continue;
            var message = Stanzas.Message(null, null, Room.ClientJid);
            Room.Send(receiver, message.Add(new XmppElement("json-message", Namespaces.JitMeet).AddText(json)), null, outputs);
        }

        return RoomAnswer.Done;
    }
}

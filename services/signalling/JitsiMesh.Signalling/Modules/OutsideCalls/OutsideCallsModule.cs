using JitsiMesh.Signalling.Modules.Permissions;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.OutsideCalls;

/// <summary>
/// Who may record, stream and dial out: looks at the IQs to focus that start these (mod_filter_iq_jibri, mod_filter_iq_rayo). Headers of
/// a dial that the client wrote do not reach the gateway.
/// </summary>
public sealed class OutsideCallsModule(Room room) : RoomModule(room)
{
    private const string Jibri = "http://jitsi.org/protocol/jibri";
    private const string Rayo = "urn:xmpp:rayo:1";
    private const string Transcription = "jitsi_meet_transcribe";

    public override string Name => "outside_calls";

    public override StanzaError? Relaying(Occupant sender, Occupant receiver, XmppElement iq)
    {
        if (sender.Session.IsService || !Stanzas.IsRequest(iq)) return null;
        if (iq.Child("jibri", Jibri) is { } jibri)
        {
            var feature = jibri["recording_mode"] == "stream" ? "livestreaming" : "recording";
            // A stop does not say what it stops.
            var allowed = jibri["action"] == "stop" ? Permission.Has(sender, "recording") || Permission.Has(sender, "livestreaming") : Permission.Has(sender, feature);
            return allowed ? null : StanzaError.Forbidden;
        }

        return iq.Child("dial", Rayo) is { } dial ? Dial(sender, iq, dial) : null;
    }

    private StanzaError? Dial(Occupant sender, XmppElement iq, XmppElement dial)
    {
        var headers = dial.Children("header", Rayo).ToList();
        if (headers.Find(header => header["name"] == "JvbRoomName")?["value"] is not { } named) return StanzaError.Forbidden;
        if (named != Room.Jid && named != Room.ClientJid) return StanzaError.Forbidden;
        if (!Permission.Has(sender, dial["to"] == Transcription ? "transcription" : "outbound-call")) return StanzaError.Forbidden;
        var copy = dial.ShallowClone();
        copy.RemoveChildren(child => child.Name == "header" && child["name"] is not ("JvbRoomName" or "JvbRoomPassword"));
        if (UserId(sender) is { } user) copy.Add(new XmppElement("header", Rayo, ("name", "X-outbound-call-initiator-user"), ("value", user)));
        iq.RemoveChildren(child => child == dial);
        iq.Add(copy);
        return null;
    }

    private static string? UserId(Occupant sender) => sender.Session.Context.UserContext is { } context ? JsonText.TryObject(context)?.String("id") : null;
}

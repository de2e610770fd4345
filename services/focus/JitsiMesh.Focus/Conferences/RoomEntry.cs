using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// How the focus enters the room: its presence, the configuration form, and its submission with whois=anyone (XEP-0045 section 10.2). Owns <see cref="ConferenceCore.Phase"/>
/// until the conference is active, and <see cref="ConferenceCore.MeetingId"/>.
/// </summary>
internal sealed class RoomEntry(ConferenceDocument document, IqRequests iqs, OwnerElection owners)
{
    /// <returns>Why the conference ends, or <see cref="ConferenceEndReason.None"/>.</returns>
    public ConferenceEndReason OnOwnPresence(XmppElement presence)
    {
        var joining = document.Core.Phase == ConferencePhase.Joining;
        if (presence["type"] == "error") return joining ? ConferenceEndReason.JoinFailed : ConferenceEndReason.None;
        // While joining, this is the echo of the leave of the previous conference in the same room.
        if (presence["type"] == "unavailable") return joining ? ConferenceEndReason.None : ConferenceEndReason.RoomDestroyed;
        if (MemberPresence.Read(presence, FocusOptions.Nick) is not { } self) return ConferenceEndReason.None;
        if (self.Affiliation != "owner") return ConferenceEndReason.NotOwner;
        if (!joining) return ConferenceEndReason.None;
        document.Core = document.Core with { Phase = ConferencePhase.Configuring };
        iqs.Ask(document.Core.Room, FocusStanzas.GetConfiguration(), "get", IqPurpose.OwnerForm);
        return ConferenceEndReason.None;
    }

    /// <summary>Reads the meeting id from the form, and whether the room is a breakout room.</summary>
    public void OnForm(XmppElement iq)
    {
        var meetingId = FocusStanzas.ReadField(iq, "muc#roominfo_meetingId");
        if (!string.IsNullOrEmpty(meetingId)) document.Core = document.Core with { MeetingId = meetingId };
        owners.SetBreakout(FocusStanzas.ReadField(iq, "muc#roominfo_isbreakout") is "1" or "true");
        iqs.Ask(document.Core.Room, FocusStanzas.SubmitConfiguration(), "set", IqPurpose.OwnerSubmit);
    }

    public void OnConfigured() => document.Core = document.Core with { Phase = ConferencePhase.Active };
}

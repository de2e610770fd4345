using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class RoomEntryTests
{
    private readonly ConferenceParts _parts = new();

    private RoomEntry Entry(ConferencePhase phase)
    {
        _parts.Core = _parts.Core with { Phase = phase };
        return new RoomEntry(_parts.Document, _parts.Iqs, _parts.Owners);
    }

    private static XmppElement Presence(string? type, string affiliation)
    {
        var presence = Stanzas.Presence(type, "focus@auth.meet.example/focus", ConferenceParts.Room + "/focus");
        return presence.Add(new XmppElement("x", Namespaces.MucUser).Add(new XmppElement("item", Namespaces.MucUser, ("affiliation", affiliation), ("role", "moderator"))));
    }

    [Theory]
    [InlineData(ConferencePhase.Joining, "error", "none", ConferenceEndReason.JoinFailed)]
    [InlineData(ConferencePhase.Active, "error", "none", ConferenceEndReason.None)]
    [InlineData(ConferencePhase.Joining, "unavailable", "none", ConferenceEndReason.None)]
    [InlineData(ConferencePhase.Active, "unavailable", "none", ConferenceEndReason.RoomDestroyed)]
    [InlineData(ConferencePhase.Joining, null, "member", ConferenceEndReason.NotOwner)]
    [InlineData(ConferencePhase.Active, null, "member", ConferenceEndReason.NotOwner)]
    [InlineData(ConferencePhase.Active, null, "owner", ConferenceEndReason.None)]
    public void The_focus_stays_only_as_owner_of_a_room_that_lets_it_in(ConferencePhase phase, string? type, string affiliation, ConferenceEndReason reason)
    {
        Assert.Equal(reason, Entry(phase).OnOwnPresence(Presence(type, affiliation)));
        Assert.Equal(phase, _parts.Core.Phase);
        Assert.Empty(_parts.Outputs);
    }

    [Fact]
    public void The_way_in_asks_for_the_form_and_submits_it()
    {
        var entry = Entry(ConferencePhase.Joining);
        Assert.Equal(ConferenceEndReason.None, entry.OnOwnPresence(Presence(null, "owner")));
        Assert.Equal(ConferencePhase.Configuring, _parts.Core.Phase);
        var form = new XmppElement("query", Namespaces.MucOwner).Add(new XmppElement("x", Namespaces.DataForm).Add(
            Field("muc#roominfo_meetingId", "meeting-1"), Field("muc#roominfo_isbreakout", "1")));
        entry.OnForm(Stanzas.Iq("result", "1", "focus@auth.meet.example/focus", form, ConferenceParts.Room));
        Assert.Equal(("meeting-1", true), (_parts.Core.MeetingId, _parts.Core.Owners.IsBreakout));
        Assert.Equal(["get", "set"], _parts.Stanzas.Select(iq => iq["type"]));
        Assert.Equal([IqPurpose.OwnerForm, IqPurpose.OwnerSubmit], _parts.Core.PendingIqs.Select(pending => pending.Purpose));
        entry.OnConfigured();
        Assert.Equal(ConferencePhase.Active, _parts.Core.Phase);
    }

    [Fact]
    public void A_form_without_a_meeting_id_leaves_the_conferences_own()
    {
        Entry(ConferencePhase.Configuring).OnForm(Stanzas.Iq("result", "1", "focus@auth.meet.example/focus", null, ConferenceParts.Room));
        Assert.Equal("5f2d", _parts.Core.MeetingId);
    }

    private static XmppElement Field(string name, string value) =>
        new XmppElement("field", Namespaces.DataForm, ("var", name)).Add(new XmppElement("value", Namespaces.DataForm).AddText(value));
}

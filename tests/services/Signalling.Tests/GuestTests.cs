using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>The guest domain beside people with a login (signalling reference, section 8.2).</summary>
public sealed class GuestTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public void A_guest_has_a_name_of_nobodys_on_the_guest_domain_and_enters_a_room_that_is_there()
    {
        var world = new World { Admission = new ContextAdmission() };
        var guest = world.Connects(host: "guest.meet.jitsi");
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f-]{27}@guest\\.meet\\.jitsi/", guest.FullJid);
        world.Focus.Enters(Call);
        guest.Joins(Call);
        guest.Eventually($"<presence from='{Call}/{guest.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='participant' jid='{guest.FullJid}'/><status code='110'/></x></presence>");
    }

    /// <summary>Clients on <c>hosts.anonymousdomain</c> take the error for "a login is needed".</summary>
    [Fact]
    public void A_guest_that_joins_without_asking_focus_makes_no_room()
    {
        var world = new World { Admission = new ContextAdmission() };
        var guest = world.Connects(host: "guest.meet.jitsi");
        guest.Joins(Call);
        guest.Receives("<presence type='error'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Room creation is restricted</text></error></presence>");
        Assert.False(world.HasRoom(Call));
    }

    [Fact]
    public void A_guests_request_reaches_focus_as_a_guests_and_the_refusal_comes_back()
    {
        var world = new World { Admission = new ContextAdmission() };
        world.Focus.Answers = false;
        var guest = world.Connects(host: "guest.meet.jitsi", token: "claimed");
        guest.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' machine-uid='m' session-id='s'/></iq>");
        var (stanza, envelope) = world.Focus.Receives("<iq type='set' id='c'><conference xmlns='http://jitsi.org/protocol/focus' machine-uid='m' session-id='s'/></iq>");
        Assert.Equal((null, null, guest.FullJid), (envelope.Origin!.Session.Identity, envelope.Origin.Session.Moderator, envelope.Origin.RealJid));
        var error = Xmpp.Stanzas.Error(stanza, Xmpp.StanzaError.NotAuthorized);
        world.Focus.Sends(Call, error.ToString());
        guest.Receives("<iq type='error' id='c'><error type='auth'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact]
    public void Where_auth_lets_no_guests_in_the_guest_domain_takes_no_sessions()
    {
        var admission = new ContextAdmission();
        admission.Hosts.Remove("guest.meet.jitsi");
        var world = new World { Admission = admission };
        var guest = world.Dials(host: "guest.meet.jitsi");
        guest.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='guest.meet.jitsi' version='1.0'/>");
        Assert.DoesNotContain(guest.Inbox, element => element.Name == "features" && element.Child("mechanisms", Xmpp.Namespaces.Sasl) is not null);
    }
}

using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>XEP-0198 as the client uses it (signalling reference, section 1.6).</summary>
public sealed class StreamManagementTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public void Enable_is_answered_with_an_id_that_survives_the_clients_url()
    {
        var world = new World();
        var ann = world.Connects(management: false);
        ann.Sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        var enabled = ann.Receives("<enabled xmlns='urn:xmpp:sm:3' resume='true' id='*'/>");
        Assert.Matches("^[A-Za-z0-9_-]+$", enabled["id"]!);
    }

    [Fact]
    public void Requests_are_answered_with_the_count_of_stanzas_and_of_nothing_else()
    {
        var world = new World();
        var ann = world.Connects();
        ann.Sends("<iq type='get' id='1' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        ann.Sends("<r xmlns='urn:xmpp:sm:3'/>");
        ann.Sends("<presence type='unavailable'/>");
        ann.Sends("<r xmlns='urn:xmpp:sm:3'/>");
        ann.Receives("<iq type='result' id='1'/>");
        ann.Receives("<a xmlns='urn:xmpp:sm:3' h='1'/>");
        ann.Receives("<a xmlns='urn:xmpp:sm:3' h='2'/>");
    }

    [Fact]
    public void A_lost_socket_is_resumed_with_what_was_missed_and_nobody_sees_a_leave()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Forgets();
        var jid = bob.FullJid;
        bob.LosesSocket();
        ann.Sends($"<message type='groupchat' to='{Call}' id='m1'><body>there?</body></message>");
        ann.Sends($"<message type='groupchat' to='{Call}' id='m2'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"x\"}}</json-message></message>");

        world.Passes(TimeSpan.FromSeconds(59));
        var again = Resumes(world, bob);
        again.Eventually($"<resumed xmlns='urn:xmpp:sm:3' previd='{bob.ResumeId}' h='*'/>");
        again.Receives("<message id='m1'><body>there?</body><delay xmlns='urn:xmpp:delay' stamp='*'/></message>");
        // A JSON message with a stamp is thrown away by the client.
        again.Receives("<message id='m2' missing='delay'/>");
        Assert.Equal(jid, again.FullJid);
        again.Sends($"<message type='groupchat' to='{Call}'><body>yes</body></message>");
        ann.Eventually($"<message from='{Call}/{bob.Nick}'><body>yes</body></message>");
        world.Passes(TimeSpan.FromSeconds(120));
        ann.ReceivesNothing();
    }

    [Fact]
    public void A_resume_takes_the_session_from_a_socket_that_is_still_open()
    {
        var world = new World();
        var bob = world.Enters();
        var again = Resumes(world, bob);
        again.Eventually("<resumed xmlns='urn:xmpp:sm:3'/>");
        Assert.Equal(SessionEndReason.Resumed, bob.ClosedBecause);
        again.Sends("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        again.Eventually("<iq type='result' id='p'/>");
    }

    [Fact]
    public void A_resume_brings_the_newer_token()
    {
        var world = new World();
        var bob = world.Enters(token: "old");
        bob.LosesSocket();
        Resumes(world, bob, token: "new").Eventually("<resumed xmlns='urn:xmpp:sm:3'/>");
        Assert.Equal("new", bob.Session.Info.Context.Token);
    }

    [Fact]
    public void An_unknown_id_fails_cleanly_and_the_client_may_bind()
    {
        var world = new World();
        var ann = world.Dials(previousId: "unknown");
        World.LogsIn(ann);
        ann.Sends("<resume xmlns='urn:xmpp:sm:3' h='0' previd='unknown'/>");
        ann.Eventually("<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        ann.Sends("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        ann.Eventually("<iq type='result' id='b'/>");
    }

    [Fact]
    public void Another_user_cannot_resume_a_session()
    {
        var world = new World();
        var bob = world.Enters();
        bob.LosesSocket();
        // The id is in the stanza but not in the URL: the login made another user.
        var mallory = world.Dials();
        World.LogsIn(mallory);
        mallory.Sends($"<resume xmlns='urn:xmpp:sm:3' h='{bob.Handled}' previd='{bob.ResumeId}'/>");
        mallory.Eventually("<failed xmlns='urn:xmpp:sm:3'/>");
    }

    [Fact]
    public void A_session_that_nobody_resumes_leaves_after_the_hibernation_time()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Forgets();
        bob.LosesSocket();
        world.Passes(TimeSpan.FromSeconds(59));
        ann.ReceivesNothing();
        world.Passes(TimeSpan.FromSeconds(2));
        ann.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
    }

    [Fact]
    public void A_session_without_management_ends_with_its_socket()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Connects(management: false);
        bob.Joins(Call);
        ann.Forgets();
        bob.LosesSocket();
        ann.Receives($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
    }

    [Fact]
    public void An_acknowledgement_of_more_than_was_sent_ends_the_stream()
    {
        var world = new World();
        var ann = world.Connects();
        ann.Sends("<a xmlns='urn:xmpp:sm:3' h='99'/>");
        Assert.Equal(SessionEndReason.BadAcknowledgement, ann.ClosedBecause);
    }

    [Fact]
    public void Who_acknowledges_nothing_is_let_go_at_a_bound_and_the_others_go_on()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        var text = new string('x', SignallingLimits.StanzaOctets - 1_000);
        var messages = (SignallingLimits.UnacknowledgedOctets / text.Length) + 2;
        for (var i = 0; i < messages && bob.SocketOpen; i++)
        {
            // A service's: no session may say so much.
            world.Focus.Sends(Call, $"<message type='groupchat' to='{Call}'><body>{text}</body></message>");
            ann.Sends($"<a xmlns='urn:xmpp:sm:3' h='{ann.Handled}'/>");
            world.Passes(ann.Session.Pause(world.Now));
        }

        Assert.Equal(SessionEndReason.UnacknowledgedQueueFull, bob.ClosedBecause);
        Assert.True(ann.SocketOpen);
        ann.Eventually($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
    }

    [Fact]
    public void Requests_that_a_lost_session_never_took_are_answered_with_an_error_when_its_wait_is_over()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        ann.Forgets();
        bob.LosesSocket();
        ann.Sends($"<iq type='set' id='ask' to='{Call}/{bob.Nick}'><query xmlns='urn:example'/></iq>");
        ann.Sends($"<iq type='get' id='direct' to='{bob.FullJid}'><query xmlns='urn:example'/></iq>");
        ann.Sends($"<iq type='result' id='answer' to='{Call}/{bob.Nick}'/>");
        ann.ReceivesNothing();
        world.Passes(TimeSpan.FromSeconds(61));
        const string Error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
        var got = ann.Inbox.ToList();
        Assert.Equal(["ask", "direct"], got.Where(stanza => stanza["type"] == "error").Select(stanza => stanza["id"]!).Order(StringComparer.Ordinal));
        ann.Eventually($"<iq type='error' id='ask' from='{Call}/{bob.Nick}'>{Error}</iq>");
        Assert.Contains(got, stanza => stanza["id"] == "direct" && stanza["from"] == bob.FullJid);
        Assert.Contains(got, stanza => stanza.Name == "presence" && stanza["type"] == "unavailable");
    }

    private static Client Resumes(World world, Client lost, string? token = null)
    {
        var again = world.Dials(previousId: lost.ResumeId, token: token);
        World.LogsIn(again);
        again.Forgets();
        again.Sends($"<resume xmlns='urn:xmpp:sm:3' h='{lost.Handled}' previd='{lost.ResumeId}'/>");
        return again;
    }
}

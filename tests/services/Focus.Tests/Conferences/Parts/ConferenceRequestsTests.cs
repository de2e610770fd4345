using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences.Parts;

public class ConferenceRequestsTests
{
    private readonly ConferenceParts _parts = new();
    private int _ids;

    private void Ask(string nick, SessionTicket? ticket = null)
    {
        var from = $"{nick}@meet.example/web";
        var conference = new XmppElement("conference", Namespaces.Focus, ("room", ConferenceParts.Room), ("machine-uid", "m"), ("session-id", ticket?.Id));
        var iq = Stanzas.Iq("set", $"r{++_ids}", "focus.meet.example", conference, from);
        _parts.Requests.OnRequest(new StanzaEnvelope { Room = ConferenceParts.Room, Stanza = "", Origin = new StanzaOrigin { RealJid = from, Session = new SessionContext() } }, iq, ticket);
    }

    private List<string?> Ready => [.. _parts.Stanzas.Select(stanza => stanza.Child("conference")?["ready"])];

    private void StillJoining() => _parts.Core = _parts.Core with { Phase = ConferencePhase.Joining };

    [Fact]
    public void The_first_request_joins_the_room_once_and_all_wait_for_it()
    {
        StillJoining();
        Ask("ann");
        Ask("bob");
        Assert.NotNull(Assert.Single(_parts.Stanzas).Child("x", Namespaces.Muc));
        Assert.Single(_parts.Outputs.OfType<ConferenceBegan>());
        Assert.True(_parts.Timeouts.WaitsForParticipants);
        _parts.Begin();
        _parts.Requests.AnswerWaiting(ready: true);
        _parts.Requests.AnswerWaiting(ready: true);
        Assert.Equal(["true", "true"], Ready);
        Assert.True(_parts.Requests.ExpectsSomebody);
    }

    [Fact]
    public void A_conference_that_is_ready_answers_at_once_and_expects_the_client_for_a_while()
    {
        Ask("ann");
        Assert.Equal(["true"], Ready);
        Assert.True(_parts.Requests.ExpectsSomebody);
        _parts.Begin(_parts.Options.InitialTimeout.TotalSeconds);
        Assert.False(_parts.Requests.ExpectsSomebody);
    }

    [Fact]
    public void A_client_that_has_joined_is_no_longer_expected()
    {
        Ask("ann");
        _parts.Requests.OnJoined("ann@meet.example/web");
        Assert.False(_parts.Requests.ExpectsSomebody);
        _parts.Join("ann");
        Ask("ann");
        Assert.False(_parts.Requests.ExpectsSomebody);
    }

    [Fact]
    public void Beyond_the_bound_requests_are_told_to_ask_again()
    {
        StillJoining();
        for (var i = 0; i < FocusLimits.WaitingRequests; i++) Ask($"p{i}");
        _parts.Begin();
        Ask("late");
        Assert.Equal(["false"], Ready);
        Assert.Equal(FocusLimits.WaitingRequests, _parts.Core.Admissions.Waiting.Length);
    }

    [Fact]
    public void A_guest_that_logs_in_counts_as_its_login_until_it_logs_out()
    {
        _parts.Options.AuthenticationRequired = true;
        var ticket = SessionTicket.Of("id", "ann@meet.example", "m", _parts.Effects.Now + TimeSpan.FromHours(1), moderator: true);
        _parts.Join("ann");
        Ask("ann", ticket);
        Assert.Equal(("ann@meet.example", (bool?)true), (_parts.Document.Find("ann")!.Identity, _parts.Document.Find("ann")!.Moderator));
        Assert.True(_parts.Document.Find("ann")!.OwnerGranted);
        Assert.Equal("ann@meet.example", _parts.Requests.FindKnown("ann@meet.example/web")?.Identity);
        _parts.Requests.ForgetLogin(ticket);
        Assert.Null(_parts.Document.Find("ann")!.Identity);
        Assert.Null(_parts.Requests.FindKnown("ann@meet.example/web"));
    }

    [Fact]
    public void A_request_with_a_login_that_is_not_known_is_refused()
    {
        _parts.Options.AuthenticationRequired = true;
        Ask("ann", SessionTicket.Of("id", "ann@meet.example", "m", _parts.Effects.Now));
        Assert.Equal("error", Assert.Single(_parts.Stanzas)["type"]);
        Assert.Empty(_parts.Core.Admissions.Known);
    }
}

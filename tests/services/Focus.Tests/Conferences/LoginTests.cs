using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Tests.Conferences;

/// <summary>Guests that wait for the host, and logins over a second connection (focus reference, sections 1.2 to 1.4).</summary>
public class LoginTests
{
    private const string Host = "host@meet.example";

    private readonly FocusScenario _scenario = new();

    public LoginTests()
    {
        _scenario.Options.AuthenticationRequired = true;
        _scenario.Options.Moderators = ModeratorPolicy.Host;
    }

    [Fact]
    public void A_guest_waits_until_the_host_has_opened_the_room_and_stays_when_the_host_leaves()
    {
        Assert.Equal("not-authorized", _scenario.Error(AsksAsGuest("guest")));
        Assert.True(_scenario.IsOver);
        var opened = _scenario.Request("host", Host)!.Child("conference")!;
        Assert.Equal(("true", Host), (opened["ready"], opened["identity"]));
        Assert.False(string.IsNullOrEmpty(opened["session-id"]));
        Assert.Equal(("true", "false"), (Property(opened, "authentication"), Property(opened, "externalAuth")));
        var host = _scenario.Join("host", identity: Host);
        var answer = AsksAsGuest("guest")!.Child("conference")!;
        Assert.Equal(("true", null, null), (answer["ready"], answer["session-id"], answer["identity"]));
        var guest = JoinsAsGuest("guest");
        Assert.Equal(("owner", "none"), (host.Affiliation, guest.Affiliation));
        _scenario.Leave("host");
        Assert.False(_scenario.IsOver);
        Assert.Equal("none", guest.Affiliation);
        Assert.Equal("true", AsksAsGuest("other")!.Child("conference")!["ready"]);
        _scenario.Leave("guest");
        _scenario.Advance(60);
        Assert.True(_scenario.IsOver);
        Assert.Equal("not-authorized", _scenario.Error(AsksAsGuest("guest")));
    }

    [Fact]
    public void A_guest_that_logs_in_over_a_second_connection_becomes_owner()
    {
        var login = _scenario.Request("host", Host)!.Child("conference")!;
        var sessionId = login["session-id"]!;
        var guest = JoinsAsGuest("guest");
        Assert.Equal("none", guest.Affiliation);
        Assert.Equal("not-acceptable", _scenario.Error(AsksAsGuest("guest", sessionId, "another machine")));
        Assert.Equal("not-acceptable", _scenario.Error(AsksAsGuest("guest", sessionId, null)));
        AssertInvalid(AsksAsGuest("guest", sessionId + "x"));
        Assert.Equal("none", guest.Affiliation);
        var answer = AsksAsGuest("guest", sessionId)!.Child("conference")!;
        Assert.Equal((sessionId, Host), (answer["session-id"], answer["identity"]));
        Assert.Equal("owner", guest.Affiliation);
    }

    [Fact]
    public void A_login_holds_for_its_time_and_opens_the_next_meeting_too()
    {
        _scenario.Options.LoginLifetime = TimeSpan.FromHours(1);
        var sessionId = _scenario.Request("host", Host)!.Child("conference")!["session-id"]!;
        _scenario.Advance(60);
        Assert.True(_scenario.IsOver);
        Assert.Equal("true", AsksAsGuest("guest", sessionId)!.Child("conference")!["ready"]);
        _scenario.Advance(3600);
        AssertInvalid(AsksAsGuest("guest", sessionId));
        Assert.True(_scenario.IsOver);
    }

    [Fact]
    public void Without_auto_login_a_login_ends_with_its_meeting()
    {
        _scenario.Options.AutoLogin = false;
        var sessionId = _scenario.Request("host", Host)!.Child("conference")!["session-id"]!;
        _scenario.ReloadAlways = true;
        Assert.Equal("true", AsksAsGuest("guest", sessionId)!.Child("conference")!["ready"]);
        _scenario.Advance(60);
        Assert.True(_scenario.IsOver);
        AssertInvalid(AsksAsGuest("guest", sessionId));
    }

    [Fact]
    public void After_a_logout_the_session_id_is_worth_nothing_and_who_comes_again_is_a_guest()
    {
        var sessionId = _scenario.Request("host", Host)!.Child("conference")!["session-id"]!;
        var guest = JoinsAsGuest("guest");
        AsksAsGuest("guest", sessionId);
        Assert.Equal("owner", guest.Affiliation);
        JoinsAsGuest("other");
        Assert.Equal("", _scenario.Error(_scenario.Ask("guest", new XmppElement("logout", Namespaces.Focus, ("session-id", sessionId)))));
        AssertInvalid(AsksAsGuest("guest", sessionId));
        AssertInvalid(_scenario.Ask("guest", new XmppElement("logout", Namespaces.Focus, ("session-id", sessionId))));
        _scenario.Leave("guest");
        Assert.Equal("none", JoinsAsGuest("guest").Affiliation);
    }

    [Fact]
    public void A_person_with_a_login_must_name_its_machine()
    {
        Assert.Equal("not-acceptable", _scenario.Error(_scenario.RequestWith("host", Host, null, null)));
        Assert.True(_scenario.IsOver);
    }

    [Fact]
    public void The_account_of_a_recorder_opens_no_room_and_owns_none()
    {
        _scenario.Options.TrustedDomains.Add("hidden.meet.example");
        _scenario.AskersDomain = "hidden.meet.example";
        Assert.Equal("not-authorized", _scenario.Error(_scenario.Request("recorder", "recorder@hidden.meet.example")));
        _scenario.AskersDomain = "meet.example";
        _scenario.Request("host", Host);
        var recorder = _scenario.Join("recorder", identity: "recorder@hidden.meet.example", configure: client => client.Domain = "hidden.meet.example");
        Assert.Equal("none", recorder.Affiliation);
    }

    [Fact]
    public void With_tokens_people_bring_theirs_each_time_and_get_no_session_id()
    {
        _scenario.Options.ExternalAuthentication = true;
        var answer = _scenario.Request("ann", "ann")!.Child("conference")!;
        Assert.Equal(("true", "ann", null), (answer["ready"], answer["identity"], answer["session-id"]));
        Assert.Equal("true", Property(answer, "externalAuth"));
        AssertInvalid(_scenario.RequestWith("ann", "ann", "made-up", "m"));
    }

    [Theory]
    [InlineData(true, false, "meet.example", "")]
    [InlineData(true, true, "meet.example", "not-authorized")]
    [InlineData(true, false, "guest.meet.example", "not-authorized")]
    [InlineData(true, false, "hidden.meet.example", "not-authorized")]
    [InlineData(false, false, "meet.example", "not-authorized")]
    public void Whom_tokens_may_be_missing_for_opens_rooms_unless_the_host_is_waited_for(bool tokens, bool wait, string domain, string error)
    {
        _scenario.Options.ExternalAuthentication = tokens;
        _scenario.Options.WaitForHost = wait;
        _scenario.AskersDomain = domain;
        Assert.Equal(error, _scenario.Error(_scenario.Request("ann")));
    }

    [Theory]
    [InlineData("guest.meet.example")]
    [InlineData("meet.example")]
    public void Where_those_who_wait_for_the_host_wait_in_a_lobby_everybodys_request_opens_the_room(string domain)
    {
        (_scenario.Options.WaitForHost, _scenario.Options.WaitForHostInLobby) = (true, true);
        _scenario.AskersDomain = domain;
        Assert.Equal("", _scenario.Error(_scenario.Request("ann")));
        // A session id is held to its machine all the same.
        AssertInvalid(_scenario.RequestWith("ann", null, "made-up", "m"));
    }

    [Theory]
    [InlineData("breakout.meet.example", "")]
    [InlineData("conference.meet.example", "not-authorized")]
    [InlineData("breakout.elsewhere.example", "not-authorized")]
    public void Breakout_rooms_alone_are_opened_without_a_login(string domain, string error)
    {
        var iq = Stanzas.Iq("set", "1", "focus.meet.example", new XmppElement("conference", Namespaces.Focus, ("room", $"x@{domain}"), ("machine-uid", "m")), "guest@guest.meet.example/web");
        Assert.Equal(error, ConferenceAdmission.Decide(iq, new() { RealJid = "guest@guest.meet.example/web" }, exists: false, _scenario.Options, _scenario.Now).Refusal?.Condition ?? "");
    }

    [Fact]
    public void A_session_id_of_the_main_rooms_meeting_is_not_asked_about_for_a_breakout_room()
    {
        var iq = Stanzas.Iq("set", "1", "focus.meet.example", new XmppElement("conference", Namespaces.Focus, ("room", "x@breakout.meet.example"), ("machine-uid", "m"), ("session-id", "of-main")), "guest@guest.meet.example/web");
        Assert.Equal(new ConferenceAdmission(Refusal: null), ConferenceAdmission.Decide(iq, new() { RealJid = "guest@guest.meet.example/web" }, exists: true, _scenario.Options, _scenario.Now, ticket: null, known: static _ => false));
    }

    [Fact]
    public void Where_rooms_of_the_breakout_domain_are_the_conferences_they_need_a_login()
    {
        _scenario.Options.MucDomain = "breakout.meet.example";
        Breakout_rooms_alone_are_opened_without_a_login("breakout.meet.example", "not-authorized");
    }

    private XmppElement? AsksAsGuest(string nick, string? sessionId = null, string? machine = "m")
    {
        _scenario.AskersDomain = "guest.meet.example";
        var answer = _scenario.RequestWith(nick, null, sessionId, machine);
        _scenario.AskersDomain = "meet.example";
        return answer;
    }

    private FakeClient JoinsAsGuest(string nick) => _scenario.Join(nick, configure: client => client.Domain = "guest.meet.example");

    private static string? Property(XmppElement conference, string name) => conference.Children("property", Namespaces.Focus).FirstOrDefault(property => property["name"] == name)?["value"];

    private void AssertInvalid(XmppElement? answer)
    {
        Assert.Equal("not-acceptable", _scenario.Error(answer));
        Assert.NotNull(answer!.Child("error")!.Child("session-invalid", Namespaces.Focus));
    }
}

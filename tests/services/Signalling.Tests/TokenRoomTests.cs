using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Modules.TokenVerification;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Tokens and the rooms that they are for (signalling reference, section 8.3): the conference request and the join are held to one rule.</summary>
public sealed class TokenRoomTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Lobby = "call@lobby.meet.jitsi";
    private const string Refused = "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Room and token mismatched</text></error>";

    [Theory]
    // room claim | pattern | stored room | error, or empty
    [InlineData("call", false, "call", "")]
    [InlineData("CALL", false, "call", "")]
    [InlineData("*", false, "call", "")]
    [InlineData(null, false, "call", "")]
    [InlineData("other", false, "call", "room-name-does-not-match")]
    [InlineData("", false, "call", "room-name-does-not-match")]
    [InlineData("cal", false, "call", "room-name-does-not-match")]
    [InlineData("call2", false, "call", "room-name-does-not-match")]
    [InlineData("c.*", false, "call", "room-name-does-not-match")]
    [InlineData("call", false, "[acme]call", "")]
    [InlineData("[acme]call", false, "[acme]call", "")]
    [InlineData("[other]call", false, "[acme]call", "room-name-does-not-match")]
    [InlineData("acme", false, "[acme]call", "room-name-does-not-match")]
    [InlineData("Caffè", false, "caff%c3%a8", "")]
    [InlineData("caff%C3%A8", false, "caff%c3%a8", "")]
    [InlineData("call", false, "%63all", "room-name-does-not-match")]
    [InlineData("call", false, "x]call", "room-name-does-not-match")]
    [InlineData("c.*", true, "call", "")]
    [InlineData("C.*", true, "[acme]call", "")]
    [InlineData("al", true, "call", "room-name-does-not-match")]
    [InlineData("call|other", true, "other", "")]
    [InlineData("call|other", true, "another", "room-name-does-not-match")]
    [InlineData("(", true, "call", "invalid-regex")]
    [InlineData("%b()", true, "call", "invalid-regex")]
    public void A_token_is_good_for_the_room_that_it_names(string? claim, bool pattern, string room, string error)
    {
        var rule = new TokenRoomRule(new SignallingFeatures(new SignallingOptions()).Domains, new SignallingOptions());
        AssertError(error, rule.Refuse(With(new TokenClaims(claim, pattern, "meet.jitsi", null)), Jid.Create(room, "muc.meet.jitsi")));
        AssertError(error, rule.Refuse(With(new TokenClaims(claim, pattern, null, null)), Jid.Create(room, "lobby.meet.jitsi")));
    }

    [Theory]
    // sub | context.tenant | stored room | error, or empty
    [InlineData("acme", null, "[acme]call", "")]
    [InlineData("ACME", "Acme", "[acme]call", "")]
    [InlineData("*", null, "[acme]call", "")]
    [InlineData("*", null, "call", "")]
    [InlineData("meet.jitsi", null, "call", "")]
    [InlineData("acme", null, "call", "room-mismatch")]
    [InlineData("meet.jitsi", null, "[acme]call", "room-mismatch")]
    [InlineData("other", null, "[acme]call", "room-mismatch")]
    [InlineData(null, null, "call", "room-mismatch")]
    [InlineData("*", "other", "[acme]call", "room-mismatch")]
    [InlineData("*", "acme", "call", "room-mismatch")]
    [InlineData("acme", "other", "[acme]call", "room-mismatch")]
    public void With_domain_verification_it_is_good_in_its_tenant_alone(string? subject, string? tenant, string room, string error)
    {
        var domains = new SignallingFeatures(new SignallingOptions()).Domains;
        var session = With(new TokenClaims("call", RoomIsPattern: false, subject, tenant));
        var address = Jid.Create(room, "muc.meet.jitsi");
        AssertError(error, new TokenRoomRule(domains, new SignallingOptions { TokenDomainVerification = true }).Refuse(session, address));
        Assert.Null(new TokenRoomRule(domains, new SignallingOptions()).Refuse(session, address));
    }

    [Theory]
    // pattern | name | matches; null for no pattern
    [InlineData("team%-%d+", "team-12", true)]
    [InlineData("team%-%d+", "team-x", false)]
    [InlineData("team-[a-z]+", "team-x", true)]
    [InlineData("team-[a-z]+", "teax", false)]
    [InlineData(".-room", "blue-room", true)]
    [InlineData("[%w_]-x", "ab_x", true)]
    [InlineData("%u%l%w%a%s?", "AbCd", true)]
    [InlineData("%D%W", "a-", true)]
    [InlineData("%D", "7", false)]
    [InlineData("[^%d]+", "abc", true)]
    [InlineData("[^%d]+", "ab1", false)]
    [InlineData("[%]%-]+", "]-", true)]
    [InlineData("[]x]+", "]x", true)]
    [InlineData("^room$", "room", true)]
    [InlineData("^room", "room1", false)]
    [InlineData("a$b", "a$b", true)]
    [InlineData(@"\d{3}", "123", true)]
    [InlineData(@"\d{3}", "1234", false)]
    [InlineData("100%%", "100%", true)]
    [InlineData("(red|blue)%.x", "blue.x", true)]
    [InlineData("(red|blue)%.x", "blueyx", false)]
    [InlineData("room\n?", "room\n", true)]
    [InlineData("room$", "room\n", false)]
    [InlineData("[a", "a", null)]
    [InlineData("%", "a", null)]
    [InlineData("%f[%w]", "a", null)]
    [InlineData("[%D]", "a", null)]
    [InlineData("(?=a)a", "a", null)]
    [InlineData(@"(a)\1", "aa", null)]
    [InlineData("*", "a", null)]
    public void A_pattern_is_Luas_or_an_expression_and_matches_the_whole_name(string pattern, string name, bool? matches) => Assert.Equal(matches, RoomPattern.Matches(pattern, name));

    [Fact]
    public void A_pattern_is_bounded_in_length_and_in_time()
    {
        Assert.Null(RoomPattern.Matches(new string('a', SignallingLimits.RoomPatternLength + 1), "a"));
        Assert.True(RoomPattern.Matches(new string('a', SignallingLimits.RoomPatternLength), new string('a', SignallingLimits.RoomPatternLength)));
        // Exponential for a matcher that goes back.
        Assert.False(RoomPattern.Matches("(a+)+(a*)*(a|a)*b", new string('a', 1000)));
        Assert.Null(RoomPattern.Matches("((a{1000}){1000}){1000}", "a"));
    }

    [Fact]
    public void Another_rooms_token_opens_no_room_and_enters_none()
    {
        var (world, admission) = Start();
        admission.Next = Token("other");
        var ann = world.Connects();
        ann.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' machine-uid='m'/></iq>");
        ann.Receives($"<iq type='result' id='c' from='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' ready='true' focusjid='focus@auth.meet.jitsi'/></iq>");
        Assert.False(world.HasRoom(Call));
        world.Focus.Enters(Call);
        ann.Joins(Call);
        var error = ann.Receives($"<presence type='error'>{Refused}</presence>").Child("error")!;
        Assert.NotNull(error.Child("room-name-does-not-match", Namespaces.JitMeet));
        ann.ReceivesNothing();
        Assert.Single(world.Room(Call).Occupants);

        admission.Next = Token("call");
        var bob = world.Connects();
        bob.Sends($"<iq type='set' id='c' to='focus.meet.jitsi'><conference xmlns='http://jitsi.org/protocol/focus' room='{Call}' machine-uid='m'/></iq>");
        bob.Receives("<iq type='result' id='c'/>");
        bob.Joins(Call);
        bob.Eventually($"<presence from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    [Fact]
    public void A_join_that_waits_for_focus_is_held_to_the_rule_too()
    {
        var (world, admission) = Start();
        admission.Next = Token("other");
        world.Focus.Answers = false;
        var ann = world.Connects();
        ann.Joins(Call);
        ann.Receives("<presence type='error'/>");
        world.Focus.Enters(Call);
        ann.ReceivesNothing();
    }

    [Fact]
    public void The_right_comes_before_password_and_lobby()
    {
        var (world, admission) = Start();
        admission.Next = Token("call", moderator: true);
        var ann = world.Enters();
        ann.Sends($"<iq type='set' id='on' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field><field var='muc#roomconfig_roomsecret'><value>pw</value></field></x></query></iq>");
        admission.Next = Token("other");
        var eve = world.Connects();
        eve.Joins(Call, password: "pw", extra: "<nick xmlns='http://jabber.org/protocol/nick'>Eve</nick>");
        eve.Receives($"<presence type='error'>{Refused}</presence>");
        eve.Joins(Call, password: "wrong");
        eve.Receives($"<presence type='error'>{Refused}</presence>");
        eve.Joins(Lobby, extra: "<nick xmlns='http://jabber.org/protocol/nick'>Eve</nick>");
        eve.Receives($"<presence type='error'>{Refused}</presence>");
        Assert.Empty(world.Room(Lobby).Occupants);
    }

    [Fact]
    public void A_token_of_another_room_that_comes_with_a_resumed_session_gives_no_right_here()
    {
        var (world, admission) = Start();
        admission.Next = Token("call") with { Features = "{}", UserContext = "{\"name\":\"Ann\"}" };
        var ann = world.Enters(token: "t1");
        admission.Next = Token("other") with { Features = "{\"recording\":true}", UserContext = "{\"name\":\"Boss\"}" };
        Resumes(world, ann, "t2");
        Assert.Equal("{\"name\":\"Ann\"}", world.Room(Call).ByNick(ann.Nick)!.Session.Context.UserContext);
        Assert.Equal("{}", world.Room(Call).ByNick(ann.Nick)!.Features);
        admission.Next = Token("call") with { Features = "{\"recording\":true}", UserContext = "{\"name\":\"Ann\"}" };
        Resumes(world, ann, "t3");
        Assert.Equal("{\"recording\":true}", world.Room(Call).ByNick(ann.Nick)!.Features);
    }

    [Theory]
    [InlineData("hidden.meet.jitsi")]
    [InlineData("auth.meet.jitsi")]
    public void Accounts_of_services_are_not_held_to_it(string host)
    {
        var (world, admission) = Start();
        world.Focus.Enters(Call);
        admission.Next = Token("other");
        var recorder = world.Connects(host: host);
        recorder.Joins(Call);
        recorder.Eventually($"<presence from='{Call}/{recorder.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    private static void Resumes(World world, Client client, string token)
    {
        client.LosesSocket();
        var id = client.ResumeId!;
        var again = world.Dials("call", token: token, previousId: id);
        World.LogsIn(again);
        again.Sends($"<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='{client.Handled}'/>");
        again.Eventually("<resumed xmlns='urn:xmpp:sm:3'/>");
        again.Sends($"<presence to='{Call}/{client.Nick}'/>");
        client.Stream = again.Stream;
        client.SocketOpen = true;
    }

    private static (World World, ContextAdmission Admission) Start()
    {
        var admission = new ContextAdmission();
        return (new World { Admission = admission }, admission);
    }

    private static SessionContext Token(string room, bool? moderator = null) => new() { Identity = "u1", Token = "t", Claims = new TokenClaims(room, RoomIsPattern: false, "*", null), Moderator = moderator };

    private static SessionInfo With(TokenClaims claims) => SessionInfo.Of(Jid.Parse("u@meet.jitsi/r"), "q") with { Context = new SessionContext { Claims = claims } };

    private static void AssertError(string name, StanzaError? error)
    {
        Assert.Equal(name, error?.Application?.Name ?? "");
        if (error is not null) Assert.Equal(("not-allowed", StanzaErrorType.Cancel, "Room and token mismatched"), (error.Condition, error.Type, error.Text));
    }
}

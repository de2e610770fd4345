using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>What a login makes of its session in a room, and what a client cannot make of itself (signalling reference, sections 4.8 and 8.3).</summary>
public sealed class LoginRoleTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Lobby = "call@lobby.meet.jitsi";

    [Theory]
    // policy | what the login says | has a login | affiliation
    [InlineData(ModeratorPolicy.First, true, true, "owner")]
    [InlineData(ModeratorPolicy.First, false, true, "member")]
    [InlineData(ModeratorPolicy.First, null, true, "none")]
    [InlineData(ModeratorPolicy.Host, true, true, "owner")]
    [InlineData(ModeratorPolicy.Host, false, true, "member")]
    [InlineData(ModeratorPolicy.Host, null, true, "owner")]
    [InlineData(ModeratorPolicy.Host, null, false, "none")]
    [InlineData(ModeratorPolicy.Token, true, true, "owner")]
    [InlineData(ModeratorPolicy.Token, false, true, "member")]
    [InlineData(ModeratorPolicy.Token, null, true, "none")]
    [InlineData(ModeratorPolicy.Nobody, true, true, "none")]
    [InlineData(ModeratorPolicy.Nobody, false, true, "none")]
    [InlineData(ModeratorPolicy.All, null, false, "owner")]
    [InlineData(ModeratorPolicy.All, false, true, "owner")]
    public void A_login_gives_its_affiliation_from_the_first_presence_on(ModeratorPolicy policy, bool? says, bool login, string affiliation)
    {
        var (world, admission) = Start(policy);
        admission.Next = new SessionContext { Identity = login ? "u1" : null, Moderator = says };
        var ann = world.Enters();
        var role = affiliation == "owner" ? "moderator" : "participant";
        var own = Assert.Single(ann.Inbox, stanza => stanza.Name == "presence" && stanza["from"] == $"{Call}/{ann.Nick}");
        var item = own.Child("x", Namespaces.MucUser)!.Child("item")!;
        Assert.Equal((affiliation, role), (item["affiliation"], item["role"]));
        Assert.Equal(affiliation == "owner", own.Child("permissions", Namespaces.JitMeet) is not null);
    }

    [Theory]
    [InlineData("hidden.meet.jitsi")]
    [InlineData("guest.meet.jitsi")]
    public void On_another_domain_than_the_main_one_a_login_owns_nothing(string host)
    {
        var (world, admission) = Start(ModeratorPolicy.Host);
        world.Focus.Enters(Call);
        admission.Next = new SessionContext { Identity = "recorder@hidden.meet.jitsi", Moderator = true };
        var recorder = world.Connects(host: host);
        recorder.Joins(Call);
        Assert.Equal("none", world.Room(Call).AffiliationOf(world.Room(Call).ByNick(recorder.Nick)!));
    }

    [Fact]
    public void Where_everybody_moderates_lobbies_hold_all_the_same_and_recorders_own_nothing()
    {
        var (world, _) = Start(ModeratorPolicy.All);
        var ann = world.Enters();
        TurnLobbyOn(ann);
        var bob = world.Connects();
        bob.Joins(Call, extra: Nick("Bob"));
        bob.Receives($"<presence type='error'><error code='407'><lobbyroom xmlns='http://jitsi.org/jitmeet'>{Lobby}</lobbyroom></error></presence>");
        var recorder = world.Connects(host: "hidden.meet.jitsi");
        recorder.Joins(Call);
        Assert.Equal("none", world.Room(Call).AffiliationOf(world.Room(Call).ByNick(recorder.Nick)!));
    }

    [Fact]
    public void A_moderator_by_token_passes_the_lobby_and_a_member_by_token_knocks()
    {
        var (world, admission) = Start(ModeratorPolicy.First);
        admission.Next = Says(true);
        var ann = world.Enters();
        TurnLobbyOn(ann);
        var bob = world.Connects();
        bob.Joins(Call, extra: Nick("Bob"));
        bob.Eventually($"<presence from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner' role='moderator'/><status code='110'/></x></presence>");
        admission.Next = Says(false);
        var cid = world.Connects();
        cid.Joins(Call, extra: Nick("Cid"));
        cid.Receives($"<presence type='error'><error code='407'><lobbyroom xmlns='http://jitsi.org/jitmeet'>{Lobby}</lobbyroom></error></presence>");
    }

    [Fact]
    public void Outcasts_stay_out_whatever_their_token_says_and_owners_by_grant_keep_it()
    {
        var (world, admission) = Start(ModeratorPolicy.First);
        admission.Next = Says(true);
        admission.Username = "boss";
        world.Focus.Enters(Call);
        var boss = world.Connects();
        Joins(boss);
        admission.Username = "ann";
        var ann = world.Connects();
        Joins(ann);
        boss.Sends($"<iq type='set' id='b' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast' jid='{ann.BareJid}'/></query></iq>");
        ann.Forgets();
        Joins(ann);
        ann.Receives("<presence type='error'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>");
        admission.Username = "cid";
        admission.Next = Says(false);
        world.Focus.MakesOwner(Call, "cid@meet.jitsi");
        var cid = world.Connects();
        Joins(cid);
        cid.Eventually("<presence><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner'/><status code='110'/></x></presence>");
    }

    [Fact]
    public void A_role_by_login_holds_with_the_rooms_next_owner()
    {
        var (world, admission) = Start(ModeratorPolicy.First);
        admission.Next = Says(true);
        var ann = world.Enters();
        world.RoomsMove();
        ann.Sends($"<iq type='get' id='f' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
        ann.Eventually("<iq type='result' id='f'/>");
    }

    [Fact]
    public void A_client_overrides_neither_identity_nor_name_nor_picture()
    {
        var (world, admission) = Start(ModeratorPolicy.First);
        var bob = world.Enters();
        bob.Forgets();
        admission.Next = new SessionContext
        {
            Identity = "u1",
            Group = "staff",
            UserContext = "{\"id\":\"u1\",\"name\":\"Ann Lee\",\"avatar\":\"https://a.example/ann.png\",\"email\":\"ann@example.org\"}",
            Features = "{\"name-readonly\":true}",
        };
        var ann = world.Connects();
        ann.Joins(Call, extra: Claims);
        Check(bob);
        ann.Sends($"<presence to='{Call}/{ann.Nick}'>{Claims}</presence>");
        Check(bob);

        void Check(Client viewer)
        {
            var presence = viewer.Receives($"<presence from='{Call}/{ann.Nick}'><identity><user><id>u1</id><name>Ann Lee</name><avatar>https://a.example/ann.png</avatar></user><group>staff</group></identity></presence>");
            Assert.Single(presence.Children("identity"));
            Assert.Equal("Ann Lee", Assert.Single(presence.Elements, child => child.Name == "nick").Text);
            Assert.DoesNotContain(presence.Elements, child => child.Name is "avatar-url" or "email" or "userId");
            Assert.Null(presence.Child("permissions", Namespaces.JitMeet));
        }
    }

    [Fact]
    public void A_name_that_is_not_readonly_and_what_no_authority_says_are_the_clients()
    {
        var (world, admission) = Start(ModeratorPolicy.First);
        var bob = world.Enters();
        bob.Forgets();
        admission.Next = new SessionContext { Identity = "u1", UserContext = "{\"name\":\"Ann Lee\"}" };
        var ann = world.Connects();
        ann.Joins(Call, extra: Claims);
        bob.Receives($"<presence from='{Call}/{ann.Nick}'><email>boss@example.org</email><avatar-url>https://evil.example/x.png</avatar-url><nick xmlns='http://jabber.org/protocol/nick'>Boss</nick></presence>");
    }

    [Fact]
    public void In_the_lobby_too_people_are_who_their_login_says()
    {
        var (world, admission) = Start(ModeratorPolicy.First);
        admission.Next = Says(true);
        var ann = world.Enters();
        TurnLobbyOn(ann);
        ann.Joins(Lobby);
        ann.Forgets();
        admission.Next = new SessionContext { Identity = "u2", UserContext = "{\"name\":\"Eve\"}", Features = "{\"name-readonly\":true}" };
        var eve = world.Connects();
        eve.Joins(Lobby, extra: Claims);
        var seen = ann.Receives($"<presence from='{Lobby}/{eve.Nick}'><identity><user><name>Eve</name></user></identity><nick xmlns='http://jabber.org/protocol/nick'>Eve</nick></presence>");
        Assert.Single(seen.Children("identity"));
    }

    [Theory]
    // features of the token | moderator | may record
    [InlineData(null, true, true)]
    [InlineData(null, false, false)]
    [InlineData("{\"recording\":true}", false, true)]
    [InlineData("{\"recording\":\"true\"}", false, true)]
    [InlineData("{\"recording\":false}", true, false)]
    [InlineData("{}", true, false)]
    public void Who_came_with_features_needs_the_feature_and_who_came_without_needs_to_moderate(string? features, bool moderator, bool may)
    {
        var (world, admission) = Start(ModeratorPolicy.Token);
        admission.Next = Says(moderator) with { Features = features };
        var ann = world.Enters();
        ann.Forgets();
        world.Focus.Forgets();
        ann.Sends($"<iq type='set' id='r' to='{Call}/focus'><jibri xmlns='http://jitsi.org/protocol/jibri' action='start' recording_mode='file'/></iq>");
        if (may) world.Focus.Eventually("<iq type='set' id='r'/>");
        else ann.Receives("<iq type='error' id='r'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    private const string Claims = "<identity><user><name>Boss</name></user></identity><email>boss@example.org</email><avatar-url>https://evil.example/x.png</avatar-url><userId>boss</userId>"
        + "<nick xmlns='http://jabber.org/protocol/nick'>Boss</nick><permissions xmlns='http://jitsi.org/jitmeet'><p name='recording' val='true'/></permissions>";

    private static (World World, ContextAdmission Admission) Start(ModeratorPolicy policy)
    {
        var admission = new ContextAdmission();
        return (new World(options => options.Moderators = policy) { Admission = admission }, admission);
    }

    private static SessionContext Says(bool moderator) => new() { Identity = "u1", Moderator = moderator };

    private static string Nick(string name) => $"<nick xmlns='http://jabber.org/protocol/nick'>{name}</nick>";

    // An account's name makes no nick of eight digits.
    private static void Joins(Client client) => client.Sends($"<presence to='{Call}/{Jid.Parse(client.FullJid).Local}1'><x xmlns='http://jabber.org/protocol/muc'/></presence>");

    private static void TurnLobbyOn(Client moderator) =>
        moderator.Sends($"<iq type='set' id='on' to='{Call}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_membersonly'><value>true</value></field></x></query></iq>");
}

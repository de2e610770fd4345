using JitsiMesh.Focus.Tests.Kit;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Focus.Tests.Conferences;

/// <summary>Who becomes owner by the focus: the policies, with and without logins that say who moderates.</summary>
public class RoleTests
{
    private readonly FocusScenario _scenario = new();

    [Theory]
    // policy | what the login says | has a login | owner
    [InlineData(ModeratorPolicy.First, true, true, true)]
    [InlineData(ModeratorPolicy.First, false, true, false)]
    [InlineData(ModeratorPolicy.First, null, true, true)]
    [InlineData(ModeratorPolicy.First, null, false, true)]
    [InlineData(ModeratorPolicy.Host, true, true, true)]
    [InlineData(ModeratorPolicy.Host, false, true, false)]
    [InlineData(ModeratorPolicy.Host, null, true, true)]
    [InlineData(ModeratorPolicy.Host, null, false, false)]
    [InlineData(ModeratorPolicy.Token, true, true, true)]
    [InlineData(ModeratorPolicy.Token, false, true, false)]
    [InlineData(ModeratorPolicy.Token, null, true, false)]
    [InlineData(ModeratorPolicy.Nobody, true, true, false)]
    [InlineData(ModeratorPolicy.Nobody, null, true, false)]
    public void The_first_in_the_room_becomes_owner_by_policy_and_login(ModeratorPolicy policy, bool? says, bool login, bool owner)
    {
        _scenario.Options.Moderators = policy;
        _scenario.Moderator = says;
        var ann = _scenario.Join("ann", identity: login ? "ann" : null);
        Assert.Equal(owner ? "owner" : "none", ann.Affiliation);
    }

    [Fact]
    public void A_member_by_token_that_comes_before_the_owner_by_token_is_never_promoted()
    {
        _scenario.Moderator = false;
        var member = _scenario.Join("member", identity: "member");
        _scenario.Moderator = true;
        var owner = _scenario.Join("owner", identity: "owner");
        Assert.Equal(("none", "owner"), (member.Affiliation, owner.Affiliation));
        _scenario.Leave("owner");
        Assert.Equal("none", member.Affiliation);
    }

    [Fact]
    public void Once_a_token_has_said_who_moderates_nobody_does_for_being_first()
    {
        _scenario.ReloadAlways = true;
        _scenario.Moderator = false;
        _scenario.Join("member", identity: "member");
        _scenario.Moderator = null;
        var other = _scenario.Join("other", identity: "other");
        _scenario.Leave("member");
        Assert.Equal("none", other.Affiliation);
    }

    [Fact]
    public void A_guest_beside_people_with_a_login_is_not_the_first()
    {
        _scenario.Options.AuthenticationRequired = true;
        _scenario.Options.ExternalAuthentication = true;
        _scenario.Request("ann", "ann");
        var guest = _scenario.Join("guest", configure: client => client.Domain = "guest.meet.example");
        Assert.Equal("none", guest.Affiliation);
        var ann = _scenario.Join("ann", identity: "ann");
        Assert.Equal(("none", "owner"), (guest.Affiliation, ann.Affiliation));
        _scenario.Leave("ann");
        Assert.Equal("none", guest.Affiliation);
    }

    [Fact]
    public void Without_automatic_owners_the_first_is_none()
    {
        _scenario.Options.AutoOwner = false;
        Assert.Equal("none", _scenario.Join("ann").Affiliation);
        _scenario.Moderator = true;
        Assert.Equal("owner", _scenario.Join("bob", identity: "bob").Affiliation);
    }

    [Fact]
    public void Hosts_all_own_the_room_and_one_that_an_owner_demoted_stays_demoted_beside_it()
    {
        _scenario.Options.Moderators = ModeratorPolicy.Host;
        _scenario.Options.AuthenticationRequired = true;
        var ann = _scenario.Join("ann", identity: "ann@meet.example");
        var bob = _scenario.Join("bob", identity: "bob@meet.example");
        Assert.Equal(("owner", "owner"), (ann.Affiliation, bob.Affiliation));
        bob.Affiliation = "none";
        _scenario.UpdatePresence("bob");
        Assert.Equal("none", bob.Affiliation);
        _scenario.Leave("ann");
        Assert.Equal("owner", bob.Affiliation);
    }

    [Theory]
    [InlineData(true, "owner")]
    [InlineData(false, "none")]
    [InlineData(null, "owner")]
    public void Who_logs_in_over_a_second_connection_becomes_what_its_login_says(bool? says, string affiliation)
    {
        _scenario.Options.Moderators = ModeratorPolicy.Host;
        _scenario.Options.AuthenticationRequired = true;
        _scenario.Moderator = says;
        var sessionId = _scenario.Request("host", "host@meet.example")!.Child("conference")!["session-id"];
        var guest = _scenario.Join("guest", configure: client => client.Domain = "guest.meet.example");
        _scenario.AskersDomain = "guest.meet.example";
        _scenario.RequestWith("guest", null, sessionId, "m");
        Assert.Equal(affiliation, guest.Affiliation);
    }
}

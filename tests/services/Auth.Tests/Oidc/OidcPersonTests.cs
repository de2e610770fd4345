using System.Text.Json;
using JitsiMesh.Auth.Oidc;
using JitsiMesh.Auth.Oidc.Logins;
using JitsiMesh.Auth.Tests.Oidc.Kit;
using JitsiMesh.Auth.Tokens;

namespace JitsiMesh.Auth.Tests.Oidc;

/// <summary>What claims make of a person.</summary>
public sealed class OidcPersonTests
{
    private static readonly Uri Issuer = new("https://login.example.com");

    [Theory]
    // The claim's name | the ID token | moderates
    [InlineData("groups", """{"groups":["hosts"]}""", true)]
    [InlineData("groups", """{"groups":"hosts"}""", true)]
    [InlineData("groups", """{"groups":["/hosts","Hosts","host s",7,null,["hosts"]]}""", false)]
    [InlineData("groups", """{"groups":{"hosts":true}}""", false)]
    [InlineData("groups", """{}""", false)]
    [InlineData("realm_access.roles", """{"realm_access":{"roles":["hosts"]}}""", true)]
    [InlineData("realm_access.roles", """{"realm_access":["roles"]}""", false)]
    [InlineData("https://example.com/groups", """{"https://example.com/groups":["hosts"]}""", true)]
    [InlineData("", """{"":["hosts"]}""", false)]
    public void Groups_are_read_where_the_setting_points_and_nowhere_else(string claim, string token, bool moderates) =>
        Assert.Equal(moderates, Read(token, null, ("MESH_OIDC_GROUPS_CLAIM", claim), ("MESH_OIDC_MODERATOR_GROUPS", "hosts")).Moderator);

    [Fact]
    public void Without_groups_that_moderate_nothing_is_said_of_moderating() => Assert.Null(Read("""{"groups":["hosts"]}""", null).Moderator);

    [Fact]
    public void The_answer_about_the_person_adds_to_the_ID_token_and_does_not_replace_it()
    {
        var person = Read("""{"name":"Ann","groups":["a"]}""", """{"name":"Bob","email":"ann@example.org","groups":["hosts"]}""", ("MESH_OIDC_MODERATOR_GROUPS", "hosts"));
        Assert.Equal(("Ann", "ann@example.org", true), (person.UserName, person.Email, person.Moderator));
    }

    [Theory]
    [InlineData("""{"picture":"javascript:alert(1)"}""")]
    [InlineData("""{"picture":"data:image/png;base64,AAAA"}""")]
    [InlineData("""{"picture":7}""")]
    [InlineData("""{"picture":"not an address"}""")]
    public void A_picture_is_an_address_of_the_web(string token) => Assert.Null(Read(token, null).Avatar);

    [Fact]
    public void What_XML_cannot_carry_is_nobody_s_name_and_a_long_one_is_cut()
    {
        Assert.Equal("ann", Read("""{"name":"A\u0001n","preferred_username":"ann"}""", null).UserName);
        Assert.Equal(OidcLimits.PersonName, Read($$"""{"name":"{{new string('x', 900)}}"}""", null).UserName!.Length);
    }

    [Fact]
    public void A_feature_of_several_groups_is_had_by_a_member_of_one()
    {
        var person = Read("""{"groups":["b"]}""", null, ("MESH_OIDC_FEATURE_GROUPS", "recording=a;recording=b;livestreaming=c"));
        Assert.Equal("recording", Assert.Single(person.Features));
        Assert.Equal("livestreaming", Assert.Single(person.DeniedFeatures));
    }

    private static TokenContent Read(string token, string? userInfo, params (string Name, string Value)[] values)
    {
        var settings = OidcHost.SettingsOf(Issuer, "/tmp/none", values);
        List<JsonElement> sources = [JsonElement.Parse(token), JsonElement.Parse("""{"sub":"u-1"}""")];
        if (userInfo is not null) sources.Add(JsonElement.Parse(userInfo));
        return OidcPerson.Read(OidcOptions.Read(settings), new LoginTarget("standup", "", new Dictionary<string, string>(), false), sources, OwnTokens.OptionsOf(settings, () => []));
    }
}

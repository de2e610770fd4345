using JitsiMesh.Auth.Oidc;
using JitsiMesh.Auth.Tests.Oidc.Kit;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Tests.Oidc;

/// <summary>What ends the start of AUTH_TYPE=oidc, with the name of the setting at fault.</summary>
public sealed class OidcSettingTests
{
    private static readonly Uri Issuer = new("https://login.example.com/realms/company");

    [Theory]
    [InlineData("PUBLIC_URL", "")]
    [InlineData("MESH_OIDC_ISSUER", "")]
    [InlineData("MESH_OIDC_ISSUER", "https://login.example.com/?realm=company")]
    [InlineData("MESH_OIDC_ISSUER", "https://user@login.example.com")]
    [InlineData("MESH_OIDC_ISSUER", "login.example.com")]
    [InlineData("MESH_OIDC_ISSUER", "ldap://login.example.com")]
    [InlineData("MESH_OIDC_DISCOVERY_URL", "https://login.example.com/#here")]
    [InlineData("MESH_OIDC_CLIENT_ID", "")]
    [InlineData("MESH_OIDC_MODERATOR_GROUPS", " ; ")]
    [InlineData("MESH_OIDC_ALLOWED_GROUPS", ";")]
    [InlineData("MESH_OIDC_FEATURE_GROUPS", "recording")]
    [InlineData("MESH_OIDC_FEATURE_GROUPS", "re cording=hosts")]
    [InlineData("MESH_OIDC_TOKEN_LIFETIME", "30")]
    [InlineData("MESH_OIDC_APP_SCHEME", "javascript")]
    [InlineData("MESH_OIDC_APP_SCHEME", "https")]
    [InlineData("MESH_OIDC_APP_SCHEME", "no scheme")]
    [InlineData("JWT_ASAP_KEYSERVER", "https://keys.example.com/")]
    [InlineData("MESH_JWT_JWKS_URL", "https://keys.example.com/")]
    [InlineData("JWT_SIGN_TYPE", "RS256")]
    public void What_is_missing_or_wrong_ends_the_start_with_its_name(string name, string value)
    {
        var refusal = Assert.Throws<SettingsException>(() =>
        {
            var settings = OidcHost.SettingsOf(Issuer, "/tmp/none", (name, value));
            OidcOptions.Read(settings);
            OwnTokens.OptionsOf(settings, () => []);
        });
        Assert.StartsWith(name + ":", Assert.Single(refusal.Problems));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "tenants", true)]
    [InlineData("0", "", false)]
    [InlineData("1", "tenants", true)]
    public void A_token_is_good_in_its_tenant_alone_unless_that_is_switched_off(string verification, string tenantClaim, bool expected)
    {
        var settings = OidcHost.SettingsOf(Issuer, "/tmp/none", ("JWT_ENABLE_DOMAIN_VERIFICATION", verification), ("MESH_OIDC_TENANT_CLAIM", tenantClaim));
        OidcOptions.Read(settings);
        Assert.Equal(expected, OwnTokens.OptionsOf(settings, () => []).VerifyDomain);
        Assert.Equal(expected, settings.TokensNameTenants);
    }

    [Fact]
    public void A_claim_of_tenants_that_nobody_would_look_at_ends_the_start()
    {
        var settings = OidcHost.SettingsOf(Issuer, "/tmp/none", ("JWT_ENABLE_DOMAIN_VERIFICATION", "0"), ("MESH_OIDC_TENANT_CLAIM", "tenants"));
        Assert.StartsWith("JWT_ENABLE_DOMAIN_VERIFICATION:", Assert.Single(Assert.Throws<SettingsException>(() => OidcOptions.Read(settings)).Problems));
    }

    [Fact]
    public void Scopes_and_addresses_follow_from_what_is_set()
    {
        var options = OidcOptions.Read(OidcHost.SettingsOf(Issuer, "/tmp/none", ("MESH_OIDC_SCOPES", "profile, groups"), ("MESH_OIDC_ISSUER", Issuer + "/"), ("MESH_OIDC_CLIENT_SECRET", "")));
        Assert.Equal("https://login.example.com/realms/company/.well-known/openid-configuration", options.Discovery.AbsoluteUri);
        Assert.Equal(["openid", "profile", "groups"], options.Scopes);
        Assert.Null(options.ClientSecret);
        Assert.Equal("OpenID options", options.ToString());
    }

    [Theory]
    [InlineData("matrix")]
    [InlineData("hybrid_matrix_token")]
    public void Logins_by_a_Matrix_server_end_the_start_in_one_honest_sentence(string type)
    {
        var refusal = Assert.Throws<SettingsException>(() => MeshSettings.From([new("ENABLE_AUTH", "1"), new("AUTH_TYPE", type)]));
        var problem = Assert.Single(refusal.Problems);
        Assert.StartsWith($"AUTH_TYPE: '{type}' is not one of internal, jwt, ldap, oidc, hybrid; logins by a Matrix server (matrix, hybrid_matrix_token) are not possible here", problem);
    }
}

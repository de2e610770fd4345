using JitsiMesh.Acme.Challenges;
using JitsiMesh.EdgeProxy.Certificates.Acme;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.EdgeProxy.Tests.Certificates.Acme;

public sealed class AcmePlanTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("true")]
    public void The_settings_of_Jitsi_are_enough(string on)
    {
        var plan = Read(("ENABLE_LETSENCRYPT", on), ("PUBLIC_URL", "https://meet.example.org"));

        Assert.True(plan.CanOrder);
        Assert.Equal("https://acme-v02.api.letsencrypt.org/directory", plan.Authority.AbsoluteUri);
        Assert.Equal(["meet.example.org"], plan.Names);
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public void Several_names_are_cleaned_and_named_once()
    {
        var plan = Read(("LETSENCRYPT_DOMAIN", " Meet.Example.org , www.example.org meet.example.org. "));
        Assert.Equal(["meet.example.org", "www.example.org"], plan.Names);
    }

    [Theory]
    [InlineData("LETSENCRYPT_DOMAIN", "", "LETSENCRYPT_DOMAIN: it is not set")]
    [InlineData("LETSENCRYPT_DOMAIN", "*.example.org", "LETSENCRYPT_DOMAIN: '*.example.org' needs a DNS challenge")]
    [InlineData("LETSENCRYPT_DOMAIN", "https://meet.example.org", "LETSENCRYPT_DOMAIN: 'https://meet.example.org' is not a public host name")]
    [InlineData("LETSENCRYPT_DOMAIN", "../../etc", "LETSENCRYPT_DOMAIN: '../../etc' is not")]
    [InlineData("LETSENCRYPT_DOMAIN", "localhost", "LETSENCRYPT_DOMAIN: 'localhost' is not")]
    [InlineData("LETSENCRYPT_DOMAIN", "192.0.2.1", "LETSENCRYPT_DOMAIN: '192.0.2.1' is not")]
    [InlineData("LETSENCRYPT_EMAIL", "", "LETSENCRYPT_EMAIL: it is not set")]
    [InlineData("LETSENCRYPT_EMAIL", "somebody", "LETSENCRYPT_EMAIL: it is not one mail address")]
    [InlineData("LETSENCRYPT_ACME_SERVER", "http://ca.example/directory", "LETSENCRYPT_ACME_SERVER: 'http://ca.example/directory' is neither one of letsencrypt")]
    [InlineData("LETSENCRYPT_ACME_SERVER", "lets-encrypt", "LETSENCRYPT_ACME_SERVER: 'lets-encrypt' is neither")]
    [InlineData("MESH_ACME_CA_FILE", "/nowhere.pem", "MESH_ACME_CA_FILE: file not found: '/nowhere.pem'")]
    [InlineData("MESH_ACME_EAB_KID", "kid", "MESH_ACME_EAB_HMAC_KEY: it is not set")]
    public void A_value_that_cannot_be_is_named_and_nothing_is_ordered(string name, string value, string problem)
    {
        var plan = Read((name, value));
        Assert.False(plan.CanOrder);
        Assert.StartsWith(problem, Assert.Single(plan.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Twenty_one_names_are_too_many() =>
        Assert.Contains("21 names", Assert.Single(Read(("LETSENCRYPT_DOMAIN", string.Join(',', Enumerable.Range(0, 21).Select(i => $"a{i}.example.org")))).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("letsencrypt", "https://acme-staging-v02.api.letsencrypt.org/directory")]
    [InlineData("buypass", "https://api.test4.buypass.no/acme/directory")]
    [InlineData("zerossl", null)]
    [InlineData("https://ca.example/directory", null)]
    public void Staging_asks_the_test_server_and_never_the_real_one(string server, string? directory)
    {
        var plan = Read(("LETSENCRYPT_USE_STAGING", "1"), ("LETSENCRYPT_ACME_SERVER", server));
        if (directory is not null) Assert.Equal(directory, plan.Authority.AbsoluteUri);
        else Assert.StartsWith("LETSENCRYPT_USE_STAGING: ", Assert.Single(plan.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_HTTPS_nothing_is_ordered_and_another_public_name_is_a_warning()
    {
        Assert.False(Read(("DISABLE_HTTPS", "1")).IsOn);
        Assert.StartsWith("ENABLE_LETSENCRYPT: ", Assert.Single(Read(("DISABLE_HTTPS", "1")).Warnings), StringComparison.Ordinal);
        var odd = Read(("PUBLIC_URL", "https://other.example.org:8443/"));
        Assert.True(odd.CanOrder);
        Assert.Contains("other.example.org (PUBLIC_URL)", Assert.Single(odd.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void The_other_way_of_proving_follows_a_failure_unless_one_is_named()
    {
        Assert.Equal([ChallengeKind.Http01, ChallengeKind.TlsAlpn01], Read().Challenges(null));
        Assert.Equal([ChallengeKind.TlsAlpn01, ChallengeKind.Http01], Read().Challenges(ChallengeKind.Http01));
        Assert.Equal([ChallengeKind.TlsAlpn01], Read(("MESH_ACME_CHALLENGE", "tls")).Challenges(ChallengeKind.TlsAlpn01));
    }

    [Fact]
    public void The_secret_of_an_external_account_is_base64url_or_base64_and_is_never_shown()
    {
        var plan = Read(("MESH_ACME_EAB_KID", "kid"), ("MESH_ACME_EAB_HMAC_KEY", "-_+/AQ=="));
        Assert.Equal(Convert.FromBase64String("+/+/AQ=="), plan.ExternalAccount!.Secret);
        Assert.StartsWith("MESH_ACME_EAB_HMAC_KEY: ", Assert.Single(Read(("MESH_ACME_EAB_KID", "kid"), ("MESH_ACME_EAB_HMAC_KEY", "not!base64")).Problems), StringComparison.Ordinal);
        Assert.DoesNotContain("kid", plan.ToString(), StringComparison.Ordinal);
    }

    private static AcmePlan Read(params (string Name, string Value)[] values)
    {
        var all = new Dictionary<string, string?> { ["ENABLE_LETSENCRYPT"] = "1", ["LETSENCRYPT_DOMAIN"] = "meet.example.org", ["LETSENCRYPT_EMAIL"] = "ops@example.org" };
        foreach (var (name, value) in values) all[name] = value;
        return AcmePlan.Read(MeshSettings.From(all));
    }
}

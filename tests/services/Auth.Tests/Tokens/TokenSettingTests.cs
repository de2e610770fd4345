using JitsiMesh.Hosting.Settings;
using static JitsiMesh.Auth.Tests.Tokens.TokenMint;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>What each setting of tokens does, and which do not go together.</summary>
public sealed class TokenSettingTests
{
    [Fact]
    public async Task Tokens_are_taken_on_the_main_domain_alone()
    {
        await using var service = TokenService.WithSecret();

        Assert.Equal("ANONYMOUS", await service.MechanismsAsync("meet.jitsi"));
        foreach (var host in new[] { "auth.meet.jitsi", "guest.meet.jitsi", "hidden.meet.jitsi" }) Assert.Equal("", await service.MechanismsAsync(host));
    }

    [Fact]
    public async Task Guests_have_their_own_domain_beside_tokens()
    {
        await using var service = TokenService.WithSecret(("ENABLE_GUESTS", "1"));

        Assert.Equal("ANONYMOUS", await service.MechanismsAsync("guest.meet.jitsi"));
        Assert.Equal("not-allowed|token required|token_required", await service.OutcomeAsync(""));
    }

    [Fact]
    public async Task With_JWT_ALLOW_EMPTY_nobody_is_a_guest_who_has_a_bad_token()
    {
        await using var service = TokenService.WithSecret(("JWT_ALLOW_EMPTY", "1"));

        Assert.Equal("guest", await service.OutcomeAsync(""));
        Assert.Equal("admitted", await service.OutcomeAsync(Hmac(Payload())));
        Assert.Equal("not-allowed|Invalid token|token_malformed", await service.OutcomeAsync(" "));
        Assert.Equal("not-allowed|Invalid signature|token_signature", await service.OutcomeAsync(Hmac(Payload(), secret: "another-secret-of-some-length-00")));
    }

    [Theory]
    [InlineData("web, mobile", "\"mobile\"", true)]
    [InlineData("web, mobile", "\"app\"", false)]
    [InlineData("*", "\"anybody\"", true)]
    public async Task Accepted_issuers_take_the_place_of_the_app_id(string accepted, string issuer, bool admitted)
    {
        await using var service = TokenService.WithSecret(("JWT_ACCEPTED_ISSUERS", accepted));

        Assert.Equal(admitted ? "admitted" : "not-allowed|invalid 'iss' claim|token_issuer", await service.OutcomeAsync(Hmac(Payload(("iss", issuer)))));
    }

    [Theory]
    [InlineData("""["x","two"]""", true)]
    [InlineData("\"one\"", true)]
    [InlineData("\"x\"", false)]
    [InlineData("""["x",1]""", false)]
    public async Task One_of_the_accepted_audiences_is_enough(string audience, bool admitted)
    {
        await using var service = TokenService.WithSecret(("JWT_ACCEPTED_AUDIENCES", "one , two"));

        Assert.Equal(admitted ? "admitted" : "not-allowed|invalid 'aud' claim|token_audience", await service.OutcomeAsync(Hmac(Payload(("aud", audience)))));
    }

    [Fact]
    public async Task The_leeway_and_the_need_of_an_end_can_be_set()
    {
        await using var service = TokenService.WithSecret(("MESH_JWT_LEEWAY", "0"), ("MESH_JWT_REQUIRE_EXP", "0"));

        Assert.Equal("not-allowed|Not acceptable by exp (0 sec since expired)|token_expired", await service.OutcomeAsync(Hmac(Payload(("exp", Number(0))))));
        Assert.Equal("admitted", await service.OutcomeAsync(Hmac(Payload(("exp", Number(1))))));
        Assert.Equal("not-allowed|Not acceptable by nbf|token_not_yet", await service.OutcomeAsync(Hmac(Payload(("nbf", Number(1))))));
        Assert.Equal("admitted", await service.OutcomeAsync(Hmac(Payload(("exp", null)))));
    }

    [Fact]
    public async Task JWT_SIGN_TYPE_leaves_one_algorithm()
    {
        await using var service = TokenService.WithSecret(("JWT_SIGN_TYPE", "HS512"));

        Assert.Equal("not-allowed|Invalid or incorrect alg|token_algorithm", await service.OutcomeAsync(Hmac(Payload())));
        Assert.Equal("admitted", await service.OutcomeAsync(Hmac(Payload(), """{"typ":"JWT","alg":"HS512"}""", hash: System.Security.Cryptography.HashAlgorithmName.SHA512)));
    }

    [Theory]
    [InlineData("\"tenant\"", "tenant", true)]
    [InlineData("\"tenant\"", "Tenant", true)]
    [InlineData("\"*\"", "tenant", true)]
    [InlineData("\"other\"", "tenant", false)]
    [InlineData("\"meet.jitsi\"", "", true)]
    public async Task With_domain_verification_a_token_is_good_for_its_tenant(string subject, string tenant, bool admitted)
    {
        await using var verifying = TokenService.WithSecret(("JWT_ENABLE_DOMAIN_VERIFICATION", "1"));
        await using var trusting = TokenService.WithSecret();

        Assert.Equal(admitted ? "admitted" : "not-allowed|Room and token mismatched|token_tenant", await verifying.OutcomeAsync(Hmac(Payload(("sub", subject))), tenant));
        Assert.Equal("admitted", await trusting.OutcomeAsync(Hmac(Payload(("sub", subject))), tenant));
    }

    [Fact]
    public async Task The_secret_may_come_from_a_file()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, Secret + "\n");
            await using var service = new TokenService(("JWT_APP_ID", "app"), ("JWT_APP_SECRET_FILE", path));

            Assert.Equal("admitted", await service.OutcomeAsync(Hmac(Payload())));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task The_two_module_names_of_Jitsi_are_taken_as_what_is_built_in()
    {
        await using var service = TokenService.WithSecret(("JWT_AUTH_TYPE", "token"), ("JWT_TOKEN_AUTH_MODULE", "token_verification"));

        Assert.Equal("admitted", await service.OutcomeAsync(Hmac(Payload())));
    }

    [Theory]
    [InlineData("JWT_APP_ID: with AUTH_TYPE=jwt it must be set, and so must one of JWT_APP_SECRET, JWT_ASAP_KEYSERVER or MESH_JWT_JWKS_URL")]
    [InlineData("JWT_APP_SECRET: with AUTH_TYPE=jwt one of", "JWT_APP_ID=app")]
    [InlineData("JWT_APP_SECRET: with AUTH_TYPE=jwt one of", "JWT_APP_ID=app", "JWT_APP_SECRET=false")]
    [InlineData("JWT_APP_ID: with AUTH_TYPE=jwt it must be set, or JWT_ACCEPTED_ISSUERS", "JWT_APP_SECRET=" + Secret)]
    [InlineData("JWT_APP_SECRET: it is the same as JWT_APP_ID", "JWT_APP_ID=" + Secret, "JWT_APP_SECRET=" + Secret)]
    [InlineData("JWT_APP_SECRET: not possible beside JWT_ASAP_KEYSERVER", "JWT_APP_ID=app", "JWT_APP_SECRET=" + Secret, "JWT_ASAP_KEYSERVER=https://keys.example/asap")]
    [InlineData("JWT_APP_SECRET: it is a key in PEM", "JWT_APP_ID=app", "JWT_APP_SECRET=-----BEGIN PUBLIC KEY-----")]
    [InlineData("JWT_SIGN_TYPE: RS256 needs JWT_ASAP_KEYSERVER or MESH_JWT_JWKS_URL", "JWT_APP_ID=app", "JWT_APP_SECRET=" + Secret, "JWT_SIGN_TYPE=RS256")]
    [InlineData("JWT_SIGN_TYPE: HS256 needs JWT_APP_SECRET", "JWT_APP_ID=app", "MESH_JWT_JWKS_URL=https://keys.example/jwks", "JWT_SIGN_TYPE=HS256")]
    [InlineData("JWT_SIGN_TYPE: 'none' is not one of", "JWT_APP_ID=app", "JWT_APP_SECRET=" + Secret, "JWT_SIGN_TYPE=none")]
    [InlineData("JWT_AUTH_TYPE: this server has no Prosody modules", "JWT_APP_ID=app", "JWT_APP_SECRET=" + Secret, "JWT_AUTH_TYPE=hybrid")]
    [InlineData("JWT_TOKEN_AUTH_MODULE: this server has no Prosody modules", "JWT_APP_ID=app", "JWT_APP_SECRET=" + Secret, "JWT_TOKEN_AUTH_MODULE=my_verification")]
    [InlineData("JWT_ASAP_KEYSERVER: a user, a password", "JWT_APP_ID=app", "JWT_ASAP_KEYSERVER=https://u:p@keys.example/asap")]
    [InlineData("JWT_ASAP_KEYSERVER: a query ('?') is not allowed", "JWT_APP_ID=app", "JWT_ASAP_KEYSERVER=https://keys.example/asap?a=b")]
    [InlineData("JWT_ASAP_KEYSERVER: 'file:///etc' is not a URL", "JWT_APP_ID=app", "JWT_ASAP_KEYSERVER=file:///etc")]
    [InlineData("JWT_ACCEPTED_ALLOWNER_ISSUERS: 'other' is not among", "JWT_APP_ID=app", "JWT_APP_SECRET=" + Secret, "JWT_ACCEPTED_ALLOWNER_ISSUERS=other")]
    [InlineData("JWT_APP_SECRET: the value (19 characters) is not", "JWT_APP_ID=app", "JWT_APP_SECRET=my_jitsi_app_secret")]
    [InlineData("JWT_APP_SECRET: the value (5 characters) is not", "JWT_APP_ID=app", "JWT_APP_SECRET=short")]
    [InlineData("MESH_JWT_LEEWAY: '10m' is not", "JWT_APP_ID=app", "JWT_APP_SECRET=" + Secret, "MESH_JWT_LEEWAY=10m")]
    public void Settings_that_are_missing_or_contradict_each_other_end_the_start_in_one_line(string line, params string[] settings)
    {
        var refusal = Assert.Throws<SettingsException>(() => new TokenService([.. settings.Select(s => (s[..s.IndexOf('=', StringComparison.Ordinal)], s[(s.IndexOf('=', StringComparison.Ordinal) + 1)..]))]));

        Assert.StartsWith(line, Assert.Single(refusal.Problems), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refusal.Problems[0].Replace("JWT_APP_ID=" + Secret, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}

using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Auth.Tests.Tokens;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Tests.Hybrid;

/// <summary>AUTH_TYPE=hybrid: a signed token, or an account.</summary>
public sealed class HybridTests
{
    private static readonly (string, string)[] Hybrid = [("ENABLE_AUTH", "1"), ("AUTH_TYPE", "hybrid"), ("JWT_APP_ID", "app"), ("JWT_APP_SECRET", TokenMint.Secret), ("MESH_JWT_REQUIRE_EXP", "0")];

    [Fact]
    public async Task A_token_lets_in_and_so_does_an_account()
    {
        await using var auth = AuthModuleUnderTest.Compose(Hybrid);
        await auth.Database.OpenAsync(CancellationToken.None);
        Assert.True(await auth.AddAsync("ann", "open sesame 17"));
        Assert.Equal("ANONYMOUS,SCRAM-SHA-256,SCRAM-SHA-1,PLAIN", await auth.MechanismsAsync("meet.jitsi"));
        Assert.Equal("admitted", TokenService.Describe(await auth.TokenAsync(TokenMint.Hmac("""{"iss":"app","aud":"jitsi","sub":"meet.jitsi","room":"standup"}"""))));
        Assert.Equal("ann", (await auth.PlainAsync("ann", "open sesame 17")).Admitted.Username);
        Assert.Equal("ann", (await auth.ScramAsync("SCRAM-SHA-1", "ann", "open sesame 17")).Admitted.Username);
    }

    [Fact]
    public async Task Neither_token_nor_password_lets_nobody_in()
    {
        await using var auth = AuthModuleUnderTest.Compose(Hybrid);
        await auth.Database.OpenAsync(CancellationToken.None);
        Assert.Equal("not-allowed|token required|token_required", TokenService.Describe(await auth.TokenAsync("")));
        Assert.Equal("not-allowed|Invalid signature|token_signature", TokenService.Describe(await auth.TokenAsync(TokenMint.Hmac("""{"iss":"app","aud":"jitsi","sub":"meet.jitsi","room":"standup"}""")[..^8] + "AAAAAAAA")));
        Assert.Equal("not-authorized||unknown_account", TokenService.Describe(await auth.PlainAsync("ann", "open sesame 17")));
    }

    [Fact]
    public async Task With_a_directory_passwords_are_the_directory_s()
    {
        await using var auth = AuthModuleUnderTest.Compose([.. Hybrid, ("LDAP_URL", "ldap://127.0.0.1:1"), ("LDAP_TLS_CHECK_PEER", "0")]);
        Assert.Equal("ANONYMOUS,PLAIN", await auth.MechanismsAsync("meet.jitsi"));
        Assert.Equal("ldap_unreachable", (await auth.PlainAsync("ann", "open sesame 17")).Refused.Reason);
        Assert.Equal("admitted", TokenService.Describe(await auth.TokenAsync(TokenMint.Hmac("""{"iss":"app","aud":"jitsi","sub":"meet.jitsi","room":"standup"}"""))));
    }

    [Fact]
    public void Without_a_key_of_tokens_it_does_not_start()
    {
        var refusal = Assert.Throws<SettingsException>(() => AuthModuleUnderTest.Compose(("ENABLE_AUTH", "1"), ("AUTH_TYPE", "hybrid")));
        Assert.StartsWith("JWT_APP_ID: with AUTH_TYPE=hybrid it must be set", Assert.Single(refusal.Problems));
    }

    [Theory]
    [InlineData("jwt", true)]
    [InlineData("JWT", true)]
    [InlineData("internal", false)]
    [InlineData("matrix", false)]
    public void Another_way_of_logging_in_for_one_service_alone_stops_the_start(string type, bool starts)
    {
        (string, string)[] settings = [("ENABLE_AUTH", "1"), ("AUTH_TYPE", "jwt"), ("JWT_APP_ID", "app"), ("JWT_APP_SECRET", TokenMint.Secret), ("PROSODY_AUTH_TYPE", type)];
        var refusal = Record.Exception(() => AuthModuleUnderTest.Compose(settings)) as SettingsException;
        if (starts) Assert.Null(refusal);
        else Assert.StartsWith("PROSODY_AUTH_TYPE: ", Assert.Single(refusal!.Problems));
    }
}

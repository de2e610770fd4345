using System.Security.Cryptography;
using JitsiMesh.Auth.Tests.Tokens;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static JitsiMesh.Auth.Tests.Tokens.TokenMint;

namespace JitsiMesh.Auth.Tests.SystemTokens;

/// <summary>Tokens of an operator's programs, asked for as signalling asks.</summary>
public sealed class SystemTokenTests
{
    private const string OperatorSecret = "operators-own-secret-of-32-octets";

    [Theory]
    // payload's changes, secret | accepted, or the reason
    [InlineData(null, null, OperatorSecret, "accepted")]
    [InlineData("exp", "1", OperatorSecret, "token_expired")]
    [InlineData("exp", null, OperatorSecret, "token_no_expiry")]
    [InlineData("iss", "\"other\"", OperatorSecret, "token_issuer")]
    [InlineData("aud", null, OperatorSecret, "token_audience")]
    [InlineData("room", null, OperatorSecret, "accepted")]
    [InlineData("sub", null, OperatorSecret, "accepted")]
    [InlineData("room", "7", OperatorSecret, "token_room")]
    [InlineData("sub", "[]", OperatorSecret, "token_subject")]
    [InlineData(null, null, "another-secret-of-somebody-else-x", "token_signature")]
    // A login's token administers nothing.
    [InlineData(null, null, Secret, "token_signature")]
    public async Task A_token_is_held_to_keys_of_its_own(string? claim, string? json, string secret, string outcome)
    {
        await using var services = Compose(("ENABLE_AUTH", "1"), ("AUTH_TYPE", "jwt"), ("JWT_APP_ID", "app"), ("JWT_APP_SECRET", Secret), ("MESH_SYSTEM_TOKEN_SECRET", OperatorSecret));
        Assert.Equal(outcome, await CheckAsync(services, Hmac(claim is null ? Payload() : Payload((claim, json)), secret: secret)));
    }

    [Theory]
    [InlineData("", "token_required")]
    [InlineData("nonsense", "token_malformed")]
    [InlineData("a.b.c", "token_malformed")]
    public async Task What_is_no_token_is_refused(string token, string outcome)
    {
        await using var services = Compose(("MESH_SYSTEM_TOKEN_SECRET", OperatorSecret));
        Assert.Equal(outcome, await CheckAsync(services, token));
    }

    [Fact]
    public async Task It_needs_no_logins_and_takes_any_issuer_where_none_is_named()
    {
        await using var services = Compose(("MESH_SYSTEM_TOKEN_SECRET", OperatorSecret));
        Assert.Equal("accepted", await CheckAsync(services, Hmac(Payload(("iss", "\"anybody\"")), secret: OperatorSecret)));
        await using var named = Compose(("MESH_SYSTEM_TOKEN_SECRET", OperatorSecret), ("MESH_SYSTEM_TOKEN_ISSUERS", "ops"), ("MESH_SYSTEM_TOKEN_AUDIENCES", "mesh"), ("JWT_APP_ID", "app"));
        Assert.Equal("token_issuer", await CheckAsync(named, Hmac(Payload(), secret: OperatorSecret)));
        Assert.Equal("token_audience", await CheckAsync(named, Hmac(Payload(("iss", "\"ops\"")), secret: OperatorSecret)));
        Assert.Equal("accepted", await CheckAsync(named, Hmac(Payload(("iss", "\"ops\""), ("aud", "\"mesh\"")), secret: OperatorSecret)));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    public async Task Without_a_key_of_its_own_no_token_is_accepted(string auth)
    {
        await using var services = Compose(("ENABLE_AUTH", auth), ("AUTH_TYPE", "jwt"), ("JWT_APP_ID", "app"), ("JWT_APP_SECRET", Secret), ("JWT_ALLOW_EMPTY", "1"));
        foreach (var token in new[] { "", "x", Hmac(Payload()) }) Assert.Equal("system_tokens_off", await CheckAsync(services, token));
    }

    [Fact]
    public async Task Keys_come_from_a_server_as_with_Jitsi()
    {
        using var rsa = RSA.Create(2048);
        await using var server = await KeyServer.StartAsync();
        server.Files[KeyServer.PathOf("ops")] = rsa.ExportSubjectPublicKeyInfoPem();
        await using var services = Compose(("MESH_SYSTEM_TOKEN_KEYSERVER", $"{server.Address}/asap"));
        Assert.Equal("accepted", await CheckAsync(services, Rsa(rsa, Payload(), """{"typ":"JWT","alg":"RS256","kid":"ops"}""")));
        Assert.Equal("token_key_unknown", await CheckAsync(services, Rsa(rsa, Payload(), """{"typ":"JWT","alg":"RS256","kid":"other"}""")));
        Assert.Equal("token_algorithm", await CheckAsync(services, Hmac(Payload(), """{"typ":"JWT","alg":"HS256","kid":"ops"}""", rsa.ExportSubjectPublicKeyInfoPem())));
        Assert.Equal([KeyServer.PathOf("ops"), KeyServer.PathOf("other")], server.Requests);
    }

    [Theory]
    // settings | the one at fault
    [InlineData("MESH_SYSTEM_TOKEN_SECRET=operators-own-secret MESH_SYSTEM_TOKEN_KEYSERVER=https://keys.example.org", "MESH_SYSTEM_TOKEN_SECRET")]
    [InlineData("MESH_SYSTEM_TOKEN_SECRET=operators-own-secret JWT_APP_SECRET=operators-own-secret", "MESH_SYSTEM_TOKEN_SECRET")]
    [InlineData("MESH_SYSTEM_TOKEN_KEYSERVER=https://keys.example.org JWT_ASAP_KEYSERVER=https://keys.example.org", "MESH_SYSTEM_TOKEN_KEYSERVER")]
    [InlineData("MESH_SYSTEM_TOKEN_KEYSERVER=https://keys.example.org/pub/ JWT_ASAP_KEYSERVER=https://keys.example.org/pub", "MESH_SYSTEM_TOKEN_KEYSERVER")]
    [InlineData("MESH_SYSTEM_TOKEN_KEYSERVER=https://keys.example.org?x", "MESH_SYSTEM_TOKEN_KEYSERVER")]
    public void Keys_that_would_let_others_administer_end_the_start(string settings, string name)
    {
        var refusal = Assert.Throws<SettingsException>(() => Compose([.. settings.Split(' ').Select(one => (one[..one.IndexOf('=', StringComparison.Ordinal)], one[(one.IndexOf('=', StringComparison.Ordinal) + 1)..]))]));
        Assert.StartsWith(name + ":", Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    private static async Task<string> CheckAsync(ServiceProvider services, string token)
    {
        var answer = await services.GetRequiredService<Contracts.Auth.Admission.AdmissionClient>().CheckTokenAsync(new CheckTokenRequest { Token = token });
        Assert.Equal(answer.Accepted, answer.Refused is null);
        return answer.Refused?.Reason ?? "accepted";
    }

    private static ServiceProvider Compose(params (string Name, string Value)[] values)
    {
        var builder = MeshHost.CreateBuilder([]);
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
        builder.AddMeshDefaults("all-in-one", MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))));
        builder.AddAuth();
        return builder.Services.BuildServiceProvider();
    }
}

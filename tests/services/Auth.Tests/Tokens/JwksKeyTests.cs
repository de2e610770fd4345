using System.Buffers.Text;
using System.Security.Cryptography;
using JitsiMesh.Auth.Tokens.Keys;
using static JitsiMesh.Auth.Tests.Tokens.TokenMint;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>A set of public keys (MESH_JWT_JWKS_URL), and what is read of keys.</summary>
public sealed class JwksKeyTests : IDisposable
{
    private const string Unknown = "not-allowed|could not obtain public key|token_key_unknown";
    private const string Unavailable = "not-allowed|could not obtain public key|token_key_unavailable";

    private readonly RSA _first = RSA.Create(2048);
    private readonly RSA _second = RSA.Create(2048);

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task A_rotated_key_is_found_and_its_predecessor_is_gone()
    {
        await using var server = await KeyServer.StartAsync();
        server.Files["/jwks.json"] = Set(Jwk(_first, "one"));
        await using var service = server.Jwks();
        Assert.Equal("admitted", await service.OutcomeAsync(Token(_first, "one")));
        Assert.Equal("admitted", await service.OutcomeAsync(Token(_first, "one")));
        Assert.Equal(["/jwks.json?tenant=a"], server.Requests);

        server.Files["/jwks.json"] = Set(Jwk(_second, "two"));
        service.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("admitted", await service.OutcomeAsync(Token(_second, "two")));
        Assert.Equal(2, server.Requests.Count);
        Assert.Equal(Unknown, await service.OutcomeAsync(Token(_first, "one")));
    }

    [Fact]
    public async Task Unknown_names_fetch_the_set_once_in_30_seconds()
    {
        await using var server = await KeyServer.StartAsync();
        server.Files["/jwks.json"] = Set(Jwk(_first, "one"));
        await using var service = server.Jwks();

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(Unknown, await service.OutcomeAsync(Token(_first, $"invented-{i}")));
            Assert.Equal("admitted", await service.OutcomeAsync(Token(_first, "one")));
        }

        Assert.Single(server.Requests);
        service.Time.Advance(TimeSpan.FromSeconds(31));
        for (var i = 0; i < 50; i++) Assert.Equal(Unknown, await service.OutcomeAsync(Token(_first, $"invented-{i}")));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task The_set_works_on_while_its_server_is_down()
    {
        var server = await KeyServer.StartAsync();
        server.Files["/jwks.json"] = Set(Jwk(_first, "one"));
        await using var service = server.Jwks();
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("one")));
        await server.DisposeAsync();

        service.Time.Advance(TimeSpan.FromHours(7));
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("one")));
        Assert.Equal(Unavailable, await service.OutcomeAsync(Lasting("two")));
        service.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(Unavailable, await service.OutcomeAsync(Lasting("one")));
    }

    [Fact]
    public async Task A_set_that_becomes_unreadable_does_not_replace_the_one_that_is_there()
    {
        await using var server = await KeyServer.StartAsync();
        server.Files["/jwks.json"] = Set(Jwk(_first, "one"));
        await using var service = server.Jwks();
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("one")));

        server.Files["/jwks.json"] = "<html>maintenance</html>";
        service.Time.Advance(TimeSpan.FromHours(7));
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("one")));
        server.Files["/jwks.json"] = Set();
        service.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(Unknown, await service.OutcomeAsync(Lasting("one")));
    }

    [Fact]
    public async Task Certificates_and_keys_by_name_are_a_set_too()
    {
        await using var server = await KeyServer.StartAsync();
        server.Files["/jwks.json"] = $$"""{"one":"{{_first.ExportSubjectPublicKeyInfoPem().ReplaceLineEndings("\\n")}}","two":7,"three":"-----BEGIN"}""";
        await using var service = server.Jwks();

        Assert.Equal("admitted", await service.OutcomeAsync(Token(_first, "one")));
        Assert.Equal(Unknown, await service.OutcomeAsync(Token(_first, "two")));
        Assert.Equal(Unknown, await service.OutcomeAsync(Token(_first, "three")));
    }

    [Fact]
    public async Task What_the_set_says_of_a_key_is_kept_to()
    {
        using var small = RSA.Create(1024);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = ec.ExportParameters(false).Q;
        var point = $"\"x\":\"{Base64Url.EncodeToString(q.X)}\",\"y\":\"{Base64Url.EncodeToString(q.Y)}\"";
        await using var server = await KeyServer.StartAsync();
        server.Files["/jwks.json"] = Set(
            Jwk(_first, "only-512", "\"alg\":\"RS512\","), Jwk(_first, "encryption", "\"use\":\"enc\","), Jwk(_first, "private", "\"d\":\"AAAA\","), Jwk(small, "small"),
            """{"kty":"oct","kid":"shared","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}""", $$"""{"kty":"EC","crv":"P-256","kid":"ec",{{point}}}""", $$"""{"kty":"EC","crv":"P-384","kid":"not-on-curve",{{point}}}""",
            "7", """{"kty":"RSA","kid":"empty"}""", Jwk(_first, "twice"), Jwk(_second, "twice"));
        await using var service = server.Jwks();

        const string BadAlgorithm = "not-allowed|Invalid or incorrect alg|token_algorithm";
        Assert.Equal(BadAlgorithm, await service.OutcomeAsync(Token(_first, "only-512")));
        Assert.Equal("admitted", await service.OutcomeAsync(Rsa(_first, Payload(), Header("RS512", "only-512"), hash: HashAlgorithmName.SHA512)));
        foreach (var keyId in new[] { "encryption", "private", "small", "empty", "not-on-curve" }) Assert.Equal(Unknown, await service.OutcomeAsync(Token(_first, keyId)));
        Assert.Equal(BadAlgorithm, await service.OutcomeAsync(Hmac(Payload(), Header("HS256", "shared"))));
        Assert.Equal("admitted", await service.OutcomeAsync(Ecdsa(ec, Payload(), Header("ES256", "ec"))));
        Assert.Equal("admitted", await service.OutcomeAsync(Token(_first, "twice")));
        Assert.Equal("not-allowed|Invalid signature|token_signature", await service.OutcomeAsync(Token(_second, "twice")));
    }

    [Fact]
    public async Task A_key_that_the_set_lacks_may_be_in_the_folder()
    {
        await using var server = await KeyServer.StartAsync();
        server.Files["/jwks.json"] = Set(Jwk(_first, "one"));
        server.Files[KeyServer.PathOf("two")] = _second.ExportSubjectPublicKeyInfoPem();
        await using var service = server.Jwks(("JWT_ASAP_KEYSERVER", $"{server.Address}/asap"));

        Assert.Equal("admitted", await service.OutcomeAsync(Token(_first, "one")));
        Assert.Equal("admitted", await service.OutcomeAsync(Token(_second, "two")));
        Assert.Equal(Unknown, await service.OutcomeAsync(Token(_second, "three")));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2a00:1450:4001::1", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::10.0.0.1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("ff02::1", false)]
    public void Public_is_what_no_registry_of_special_addresses_has(string address, bool expected) => Assert.Equal(expected, PublicAddresses.IsPublic(System.Net.IPAddress.Parse(address)));

    private static string Set(params string[] keys) => $$"""{"keys":[{{string.Join(',', keys)}}]}""";

    private static string Jwk(RSA key, string keyId, string more = "")
    {
        var p = key.ExportParameters(false);
        return $$"""{{{more}}"kty":"RSA","kid":"{{keyId}}","n":"{{Base64Url.EncodeToString(p.Modulus)}}","e":"{{Base64Url.EncodeToString(p.Exponent)}}"}""";
    }

    private static string Header(string algorithm, string keyId) => $$"""{"typ":"JWT","alg":"{{algorithm}}","kid":"{{keyId}}"}""";

    private static string Token(RSA key, string keyId) => Rsa(key, Payload(), Header("RS256", keyId));

    private string Lasting(string keyId) => Rsa(_first, Payload(("exp", Number(100 * 86_400))), Header("RS256", keyId));
}

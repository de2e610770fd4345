using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using static JitsiMesh.Auth.Tests.Tokens.TokenMint;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>A folder of public keys (JWT_ASAP_KEYSERVER), with servers that behave and that do not.</summary>
public sealed class AsapKeyTests : IDisposable
{
    private const string Unknown = "not-allowed|could not obtain public key|token_key_unknown";
    private const string Unavailable = "not-allowed|could not obtain public key|token_key_unavailable";
    private const string BadAlgorithm = "not-allowed|Invalid or incorrect alg|token_algorithm";

    private readonly RSA _rsa = RSA.Create(2048);

    public void Dispose() => _rsa.Dispose();

    [Fact]
    public async Task A_key_is_fetched_once_by_the_hash_of_its_name_and_kept()
    {
        await using var server = await KeyServer.StartAsync();
        server.Files[KeyServer.PathOf("../../etc/passwd?x#y")] = _rsa.ExportSubjectPublicKeyInfoPem();
        await using var service = server.Asap();

        for (var i = 0; i < 3; i++) Assert.Equal("admitted", await service.OutcomeAsync(Token("../../etc/passwd?x#y")));

        Assert.Equal([KeyServer.PathOf("../../etc/passwd?x#y")], server.Requests);
    }

    [Fact]
    public async Task Every_way_of_writing_a_public_key_is_read()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var server = await KeyServer.StartAsync();
        server.Files[KeyServer.PathOf("spki")] = _rsa.ExportSubjectPublicKeyInfoPem();
        server.Files[KeyServer.PathOf("pkcs1")] = _rsa.ExportRSAPublicKeyPem();
        server.Files[KeyServer.PathOf("certificate")] = new CertificateRequest("CN=keys", _rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(Now, Now.AddDays(1)).ExportCertificatePem();
        server.Files[KeyServer.PathOf("ec")] = ec.ExportSubjectPublicKeyInfoPem();
        server.Files[KeyServer.PathOf("ec-certificate")] = new CertificateRequest("CN=keys", ec, HashAlgorithmName.SHA256).CreateSelfSigned(Now, Now.AddDays(1)).ExportCertificatePem();
        await using var service = server.Asap();

        foreach (var keyId in new[] { "spki", "pkcs1", "certificate" })
        {
            Assert.Equal("admitted", await service.OutcomeAsync(Token(keyId)));
            Assert.Equal("admitted", await service.OutcomeAsync(Rsa(_rsa, Payload(), Header("PS256", keyId), RSASignaturePadding.Pss)));
            Assert.Equal(BadAlgorithm, await service.OutcomeAsync(Token(keyId, "ES256")));
        }

        foreach (var keyId in new[] { "ec", "ec-certificate" }) Assert.Equal("admitted", await service.OutcomeAsync(Ecdsa(ec, Payload(), Header("ES256", keyId))));
        Assert.Equal(BadAlgorithm, await service.OutcomeAsync(Ecdsa(ec, Payload(), Header("ES384", "ec"), HashAlgorithmName.SHA384)));
        Assert.Equal(BadAlgorithm, await service.OutcomeAsync(Token("ec")));
    }

    [Fact]
    public async Task A_public_key_is_never_the_secret_of_an_HMAC()
    {
        await using var server = await KeyServer.StartAsync();
        var pem = server.Files[KeyServer.PathOf("k")] = _rsa.ExportSubjectPublicKeyInfoPem();
        await using var service = server.Asap();

        foreach (var secret in new[] { pem, pem.TrimEnd('\n'), pem + "\n" }) Assert.Equal(BadAlgorithm, await service.OutcomeAsync(Hmac(Payload(), Header("HS256", "k"), secret)));
        Assert.Equal(BadAlgorithm, await service.OutcomeAsync(Sign(Header("none", "k"), Payload(), _ => [])));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_key_that_the_token_brings_along_is_not_looked_at()
    {
        using var attacker = RSA.Create(2048);
        await using var server = await KeyServer.StartAsync();
        server.Files[KeyServer.PathOf("k")] = _rsa.ExportSubjectPublicKeyInfoPem();
        await using var service = server.Asap();
        var p = attacker.ExportParameters(false);
        var jwk = $$"""{"kty":"RSA","n":"{{System.Buffers.Text.Base64Url.EncodeToString(p.Modulus)}}","e":"AQAB"}""";

        var token = Rsa(attacker, Payload(), $$"""{"typ":"JWT","alg":"RS256","kid":"k","jwk":{{jwk}},"jku":"{{server.Address}}/attacker.json","x5u":"{{server.Address}}/x","x5c":["AAAA"]}""");

        Assert.Equal("not-allowed|Invalid signature|token_signature", await service.OutcomeAsync(token));
        Assert.Equal([KeyServer.PathOf("k")], server.Requests);
    }

    [Fact]
    public async Task A_name_is_needed_and_must_not_be_too_long()
    {
        await using var server = await KeyServer.StartAsync();
        await using var service = server.Asap();

        foreach (var header in new[] { """{"typ":"JWT","alg":"RS256"}""", """{"typ":"JWT","alg":"RS256","kid":null}""", """{"typ":"JWT","alg":"RS256","kid":7}""", """{"typ":"JWT","alg":"RS256","kid":""}""" })
        {
            Assert.Equal("not-allowed|'kid' claim is missing|token_kid", await service.OutcomeAsync(Rsa(_rsa, Payload(), header)));
        }

        Assert.Equal(Unknown, await service.OutcomeAsync(Token(new string('k', 600))));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task An_unknown_key_is_asked_for_once_in_30_seconds()
    {
        await using var server = await KeyServer.StartAsync();
        await using var service = server.Asap();

        for (var i = 0; i < 5; i++) Assert.Equal(Unknown, await service.OutcomeAsync(Token("new")));
        Assert.Single(server.Requests);

        server.Files[KeyServer.PathOf("new")] = _rsa.ExportSubjectPublicKeyInfoPem();
        service.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(Unknown, await service.OutcomeAsync(Token("new")));
        service.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("admitted", await service.OutcomeAsync(Token("new")));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Invented_names_do_not_flood_the_key_server()
    {
        await using var server = await KeyServer.StartAsync();
        server.Files[KeyServer.PathOf("k")] = _rsa.ExportSubjectPublicKeyInfoPem();
        await using var service = server.Asap();
        Assert.Equal("admitted", await service.OutcomeAsync(Token("k")));

        for (var i = 0; i < 300; i++) Assert.StartsWith("not-allowed|could not obtain public key|", await service.OutcomeAsync(Token($"invented-{i}")), StringComparison.Ordinal);

        Assert.Equal(60, server.Requests.Count);
        Assert.Equal("admitted", await service.OutcomeAsync(Token("k")));
        service.Time.Advance(TimeSpan.FromMinutes(1));
        server.Files[KeyServer.PathOf("new")] = _rsa.ExportSubjectPublicKeyInfoPem();
        Assert.Equal("admitted", await service.OutcomeAsync(Token("new")));
    }

    [Fact]
    public async Task Keys_work_on_while_their_server_is_down_for_a_day()
    {
        var server = await KeyServer.StartAsync();
        server.Files[KeyServer.PathOf("k")] = _rsa.ExportSubjectPublicKeyInfoPem();
        await using var service = server.Asap(("JWT_ACCEPTED_ISSUERS", "*"));
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("k")));
        await server.DisposeAsync();

        service.Time.Advance(TimeSpan.FromHours(7));
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("k")));
        Assert.Equal(Unavailable, await service.OutcomeAsync(Lasting("other")));
        service.Time.Advance(TimeSpan.FromHours(22));
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("k")));
        service.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(Unavailable, await service.OutcomeAsync(Lasting("k")));
    }

    [Fact]
    public async Task A_key_that_the_server_no_longer_has_is_gone_when_its_time_is_over()
    {
        await using var server = await KeyServer.StartAsync();
        server.Files[KeyServer.PathOf("k")] = _rsa.ExportSubjectPublicKeyInfoPem();
        await using var service = server.Asap();
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("k")));
        server.Files.Clear();

        service.Time.Advance(TimeSpan.FromHours(5.9));
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("k")));
        service.Time.Advance(TimeSpan.FromHours(0.2));
        Assert.Equal(Unknown, await service.OutcomeAsync(Lasting("k")));
    }

    [Theory]
    [InlineData("max-age=120", 59, 61)]
    [InlineData("public, max-age=3600", 3539, 3541)]
    [InlineData("max-age=1", 29, 31)]
    [InlineData("no-store", 29, 31)]
    [InlineData("max-age=99999999", 86_399, 86_401)]
    [InlineData("public", 21_599, 21_601)]
    public async Task A_key_is_good_as_long_as_its_answer_says_within_bounds(string control, int stillGood, int over)
    {
        await using var server = await KeyServer.StartAsync();
        server.Answer = context =>
        {
            context.Response.Headers.CacheControl = control;
            return context.Response.WriteAsync(_rsa.ExportSubjectPublicKeyInfoPem());
        };
        await using var service = server.Asap();
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("k")));

        service.Time.Advance(TimeSpan.FromSeconds(stillGood));
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("k")));
        Assert.Single(server.Requests);
        service.Time.Advance(TimeSpan.FromSeconds(over - stillGood));
        Assert.Equal("admitted", await service.OutcomeAsync(Lasting("k")));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Many_logins_at_once_share_one_download()
    {
        var gate = new TaskCompletionSource();
        await using var server = await KeyServer.StartAsync();
        server.Answer = async context =>
        {
            await gate.Task;
            await context.Response.WriteAsync(_rsa.ExportSubjectPublicKeyInfoPem());
        };
        await using var service = server.Asap();

        var logins = Enumerable.Range(0, 20).Select(_ => service.OutcomeAsync(Token("k"))).ToList();
        while (server.Requests.IsEmpty) await Task.Delay(10);
        gate.SetResult();

        Assert.All(await Task.WhenAll(logins), outcome => Assert.Equal("admitted", outcome));
        Assert.Single(server.Requests);
    }

    public static TheoryData<string> BadAnswers => ["html", "empty", "private key", "small key", "another curve", "500", "too long", "endless", "slow", "redirect loop", "redirect to nowhere", "redirect to a file"];

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task An_answer_that_is_no_key_lets_nobody_in_and_is_asked_for_again(string kind)
    {
        await using var server = await KeyServer.StartAsync();
        server.Answer = context => AnswerBadlyAsync(context, kind);
        await using var service = server.Asap();

        var begin = TimeProvider.System.GetTimestamp();
        Assert.Equal(Unavailable, await service.OutcomeAsync(Token("k")));
        Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(15));
        if (kind == "redirect loop") Assert.Equal(4, server.Requests.Count);

        server.Answer = context => context.Response.WriteAsync(_rsa.ExportSubjectPublicKeyInfoPem());
        service.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("admitted", await service.OutcomeAsync(Token("k")));
    }

    [Fact]
    public async Task A_redirect_may_stay_on_the_configured_server()
    {
        await using var server = await KeyServer.StartAsync();
        server.Answer = context =>
        {
            if (context.Request.Path.StartsWithSegments("/moved", StringComparison.Ordinal)) return context.Response.WriteAsync(_rsa.ExportSubjectPublicKeyInfoPem());
            context.Response.Redirect("/moved" + context.Request.Path);
            return Task.CompletedTask;
        };
        await using var service = server.Asap();

        Assert.Equal("admitted", await service.OutcomeAsync(Token("k")));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task A_redirect_never_leads_to_another_server_that_is_not_public(string host)
    {
        await using var inner = await KeyServer.StartAsync();
        inner.Answer = context => context.Response.WriteAsync(_rsa.ExportSubjectPublicKeyInfoPem());
        await using var server = await KeyServer.StartAsync();
        server.Answer = context =>
        {
            context.Response.Redirect($"http://{host}:{new Uri(inner.Address).Port}/key.pem");
            return Task.CompletedTask;
        };
        await using var service = server.Asap();

        Assert.Equal(Unavailable, await service.OutcomeAsync(Token("k")));
        Assert.Single(server.Requests);
        Assert.Empty(inner.Requests);
    }

    private async Task AnswerBadlyAsync(HttpContext context, string kind)
    {
        switch (kind)
        {
            case "html": await context.Response.WriteAsync("<html>Not here</html>"); break;
            case "empty": context.Response.StatusCode = 204; break;
            case "private key": await context.Response.WriteAsync(_rsa.ExportPkcs8PrivateKeyPem()); break;
            case "small key":
                using (var small = RSA.Create(1024)) await context.Response.WriteAsync(small.ExportSubjectPublicKeyInfoPem());
                break;
            case "another curve":
                using (var ec = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1)) await context.Response.WriteAsync(ec.ExportSubjectPublicKeyInfoPem());
                break;
            case "500": context.Response.StatusCode = 500; break;
            case "too long":
                context.Response.ContentLength = 10_000_000;
                await context.Response.Body.WriteAsync(new byte[10_000]);
                await context.Response.Body.FlushAsync();
                break;
            case "endless":
                while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(new byte[64 * 1024]);
                break;
            case "slow":
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync("-"u8.ToArray());
                    await context.Response.Body.FlushAsync();
                    await Task.Delay(100);
                }

                break;
            case "redirect loop": context.Response.Redirect("/again" + context.Request.Path); break;
            case "redirect to nowhere": context.Response.StatusCode = 302; break;
            case "redirect to a file": context.Response.Redirect("file:///etc/passwd"); break;
        }
    }

    private static string Header(string algorithm, string keyId) => $$"""{"typ":"JWT","alg":"{{algorithm}}","kid":"{{keyId}}"}""";

    private string Token(string keyId, string algorithm = "RS256") => Rsa(_rsa, Payload(), Header(algorithm, keyId));

    private string Lasting(string keyId) => Rsa(_rsa, Payload(("exp", Number(100 * 86_400))), Header("RS256", keyId));
}

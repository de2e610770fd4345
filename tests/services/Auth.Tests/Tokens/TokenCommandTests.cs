using System.CommandLine;
using System.Security.Cryptography;
using JitsiMesh.Auth.SystemTokens;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary><c>token make</c> and <c>token check</c>.</summary>
public sealed class TokenCommandTests
{
    private static readonly (string, string)[] WithSecret = [("JWT_APP_ID", "app"), ("JWT_APP_SECRET", TokenMint.Secret), ("JWT_ACCEPTED_AUDIENCES", "jitsi")];

    [Fact]
    public async Task What_make_prints_is_let_in_and_says_what_was_asked()
    {
        var made = await RunAsync(WithSecret, "", "make", "--room", "Stand-Up", "--user", "Zoë B.", "--email", "z@example.org", "--id", "u-1", "--moderator", "--group", "red", "--feature", "recording", "--feature", "livestreaming", "--tenant", "Acme", "--lifetime", "2h");
        Assert.Equal((0, ""), (made.Code, made.Error));
        var token = made.Output.Trim();
        await using var service = TokenService.WithSecret();
        var answer = await service.AdmitAsync(token);
        Assert.Equal("admitted", TokenService.Describe(answer));
        var context = System.Text.Json.JsonSerializer.Deserialize<Contracts.Links.SessionContext>(answer.Admitted.Context)!;
        Assert.Equal(("u-1", "red", true, "stand-up", "acme"), (context.Identity, context.Group, context.Moderator, context.Claims!.Room, context.Claims.Subject));
        Assert.Equal("""{"id":"u-1","name":"Zoë B.","email":"z@example.org","moderator":true}""", context.UserContext);
        Assert.Equal("""{"recording":true,"livestreaming":true}""", context.Features);

        service.Time.Advance(TimeSpan.FromHours(2) + TimeSpan.FromSeconds(11));
        Assert.Equal("not-allowed|Not acceptable by exp (11 sec since expired, valid for:7200 sec)|token_expired", await service.OutcomeAsync(token));
    }

    [Fact]
    public async Task A_token_of_a_program_has_a_key_of_its_own_whatever_logins_have()
    {
        (string, string)[] settings = [("AUTH_TYPE", "jwt"), ("JWT_APP_ID", "app"), ("JWT_ASAP_KEYSERVER", "https://keys.example.org"), ("MESH_SYSTEM_TOKEN_SECRET", "programs have another secret than people")];
        var made = await RunAsync(settings, "", "make", "--system", "--lifetime", "5m");
        Assert.Equal((0, ""), (made.Code, made.Error));
        Assert.EndsWith("accepted\n", (await RunAsync(settings, made.Output, "check", "--system")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(settings, made.Output, "check")).Code);

        var without = await RunAsync(WithSecret, "", "make", "--system");
        Assert.Equal(1, without.Code);
        Assert.Contains("MESH_SYSTEM_TOKEN_SECRET: with --system it must be set", without.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false, true)]
    [InlineData("false", false, false)]
    [InlineData("true", false, true)]
    [InlineData(null, true, null)]
    public async Task Whether_the_user_moderates_is_said_only_when_it_is_asked(string? value, bool leftOut, bool? expected)
    {
        var made = await RunAsync(WithSecret, "", ["make", .. leftOut ? Array.Empty<string>() : value is null ? ["--moderator"] : ["--moderator", value]]);
        await using var service = TokenService.WithSecret();

        var answer = await service.AdmitAsync(made.Output.Trim());
        Assert.Equal(expected, System.Text.Json.JsonSerializer.Deserialize<Contracts.Links.SessionContext>(answer.Admitted.Context)!.Moderator);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS384")]
    [InlineData("ES256")]
    public async Task A_private_key_signs_for_a_key_server(string algorithm)
    {
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, algorithm == "ES256" ? ec.ExportPkcs8PrivateKeyPem() : rsa.ExportPkcs8PrivateKeyPem());
            await using var server = await KeyServer.StartAsync();
            server.Files[KeyServer.PathOf("k")] = algorithm == "ES256" ? ec.ExportSubjectPublicKeyInfoPem() : rsa.ExportSubjectPublicKeyInfoPem();
            (string, string)[] settings = [("JWT_APP_ID", "app"), ("JWT_ASAP_KEYSERVER", server.Address + "/asap")];

            var made = await RunAsync(settings, "", "make", "--key", path, "--kid", "k", "--alg", algorithm);
            Assert.Equal((0, ""), (made.Code, made.Error));
            var checkedToken = await RunAsync(settings, made.Output, "check");
            Assert.Equal(0, checkedToken.Code);
            Assert.EndsWith("accepted\n", checkedToken.Output, StringComparison.Ordinal);

            var wrong = await RunAsync(settings, "", "make", "--key", path, "--kid", "k", "--alg", algorithm == "ES256" ? "ES512" : "HS256");
            Assert.Equal((1, ""), (wrong.Code, wrong.Output));
            Assert.StartsWith("FATAL: ", wrong.Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Check_prints_each_check_in_order_up_to_the_one_that_fails()
    {
        var result = await RunAsync(WithSecret, TokenMint.Hmac(TokenMint.Payload(("aud", "\"other\""))) + "\n", "check", "-");

        Assert.Equal(1, result.Code);
        Assert.Equal(
            ["ok    form", "ok    header", "ok    key", "ok    signature", "ok    exp", "ok    iss", "FAIL  aud", "refused: not-allowed, \"invalid 'aud' claim\" (counted as token_audience)"],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.StartsWith("refused", StringComparison.Ordinal) ? line : line[..line.IndexOf("  ", 6, StringComparison.Ordinal)]));
        Assert.Contains("invalid 'aud' claim: accepted: jitsi", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_of_a_good_token_prints_all_checks()
    {
        var result = await RunAsync(WithSecret, "", "check", TokenMint.Hmac(TokenMint.Payload(("nbf", TokenMint.Number(0)), ("context", """{"user":{"id":"u-1\u001b","moderator":false}}""".Replace("\\u001b", "\u200e", StringComparison.Ordinal)))));

        Assert.Equal(0, result.Code);
        var names = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(words => words.Length > 1 ? words[1] : words[0]);
        Assert.Equal(["form", "header", "key", "signature", "exp", "nbf", "iss", "aud", "room", "sub", "context", "accepted"], names);
        Assert.Contains("identity u-1?, moderator no", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "token required")]
    [InlineData("x.y", "Invalid token: 2 parts instead of three")]
    [InlineData("e30.e30.e30", "'alg' claim is missing")]
    public async Task Check_says_what_is_wrong_with_the_form(string token, string text)
    {
        var result = await RunAsync(WithSecret, token, "check");

        Assert.Equal(1, result.Code);
        Assert.Contains(text, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_says_what_is_wrong_with_a_key_server()
    {
        using var rsa = RSA.Create(2048);
        await using var server = await KeyServer.StartAsync();
        server.Answer = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };

        var result = await RunAsync([("JWT_APP_ID", "app"), ("MESH_JWT_JWKS_URL", server.Address)], TokenMint.Rsa(rsa, TokenMint.Payload(), """{"typ":"JWT","alg":"RS256","kid":"k"}"""), "check");

        Assert.Equal(1, result.Code);
        Assert.Contains("FAIL  key                 could not obtain public key: the server is unreachable", result.Output, StringComparison.Ordinal);
        Assert.Equal("The set of keys of tokens could not be fetched from 127.0.0.1: status 503\n", result.Error);
    }

    [Fact]
    public async Task Settings_that_do_not_fit_are_told_as_at_the_start()
    {
        foreach (var verb in new[] { "make", "check" })
        {
            var result = await RunAsync([("JWT_APP_ID", "app")], "", verb);
            Assert.Equal((1, ""), (result.Code, result.Output));
            Assert.StartsWith("FATAL: JWT_APP_SECRET: with AUTH_TYPE=jwt one of", result.Error, StringComparison.Ordinal);
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync((string Name, string Value)[] settings, string input, params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var command = new RootCommand { TokenCommand.Create(() => MeshSettings.From(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))), new FakeTimeProvider(TokenMint.Now), new StringReader(input), output, error, SystemTokenModule.OptionsOf) };
        var code = await command.Parse(["token", .. arguments]).InvokeAsync();
        return (code, output.ToString(), error.ToString());
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Conformance.Tests;

/// <summary>Who comes in and who moderates, through real browsers against the built all-in-one as a process of its own.</summary>
public sealed class LoginTests(BrowserFixture browsers, ITestOutputHelper output) : IClassFixture<BrowserFixture>
{
    private const string User = "ann";
    private const string Password = "open sesame 17";
    private const string AppId = "conformance";

    private static readonly string Secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(24));

    private static readonly Dictionary<string, string> Accounts = new() { ["ENABLE_AUTH"] = "1", ["ENABLE_GUESTS"] = "1", ["AUTH_TYPE"] = "internal" };

    private static readonly Dictionary<string, string> Tokens = new() { ["ENABLE_AUTH"] = "1", ["AUTH_TYPE"] = "jwt", ["JWT_APP_ID"] = AppId, ["JWT_APP_SECRET"] = Secret };

    private static string Web => Tree.Path("services", "web");

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task In_the_web_client_a_guest_waits_until_the_host_signs_in()
    {
        await using var mesh = await WithAccountAsync();
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "login.mjs"), [mesh.Url, Tree.Path("artifacts", "screens", "login"), "accounts", User, Password], Web);
    }

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task In_the_web_client_invitations_with_tokens_open_the_call()
    {
        await using var mesh = await AllInOneProcess.StartAsync(Tokens);
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "login.mjs"), [mesh.Url, Tree.Path("artifacts", "screens", "login"), "tokens", Token(TimeSpan.FromMinutes(10)), Token(TimeSpan.FromMinutes(-10))], Web);
    }

    [NeedsLibraryTheory]
    [InlineData("internal")]
    [InlineData("jwt")]
    public async Task An_unmodified_lib_jitsi_meet_logs_in(string mode)
    {
        var library = Environment.GetEnvironmentVariable(NeedsLibraryTheoryAttribute.Variable)!;
        await using var mesh = mode == "jwt" ? await AllInOneProcess.StartAsync(Tokens) : await WithAccountAsync();
        await ScenarioAsync(mesh, Path.Combine(BrowserFixture.Folder, "lib-jitsi-meet-login.mjs"),
            ["--url", mesh.Url, "--library", library, "--mode", mode, "--user", User, "--password", Password, "--app-id", AppId, "--secret", Secret], BrowserFixture.Folder);
    }

    // The account is made while the mesh runs, as an operator makes it.
    private async Task<AllInOneProcess> WithAccountAsync()
    {
        var mesh = await AllInOneProcess.StartAsync(Accounts);
        var (code, text) = await Programs.RunAsync("bash", ["-c", $"printf '%s' \"$1\" | dotnet \"$2\" users add {User} --password-stdin", "-", Password, Tree.Built("JitsiMesh.Auth.Host")], mesh.Folder,
            TimeSpan.FromMinutes(1), new Dictionary<string, string>(Accounts) { ["CONFIG"] = mesh.Folder });
        output.WriteLine(text);
        Assert.True(code == 0, text);
        return mesh;
    }

    // RFC 7515 by hand: a token that nothing of this project made.
    private static string Token(TimeSpan lifetime)
    {
        var now = DateTimeOffset.UtcNow;
        static string Encoded(object part) => Url(JsonSerializer.SerializeToUtf8Bytes(part));
        static string Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        var body = string.Create(CultureInfo.InvariantCulture, $"{Encoded(new { alg = "HS256", typ = "JWT" })}.{Encoded(new { iss = AppId, aud = "jitsi", sub = "*", room = "*", nbf = (now - TimeSpan.FromHours(1)).ToUnixTimeSeconds(), exp = (now + lifetime).ToUnixTimeSeconds() })}");
        return $"{body}.{Url(HMACSHA256.HashData(Encoding.ASCII.GetBytes(Secret), Encoding.ASCII.GetBytes(body)))}";
    }

    private async Task ScenarioAsync(AllInOneProcess mesh, string script, IReadOnlyList<string> arguments, string folder)
    {
        Assert.Null(browsers.Missing);
        var (code, text) = await Programs.RunAsync("node", [script, .. arguments], folder, TimeSpan.FromMinutes(5), Programs.BrowserLimits);
        output.WriteLine(text);
        if (code != 0) output.WriteLine("The mesh said:\n" + mesh.Log);
        Assert.True(code == 0, text);
    }
}

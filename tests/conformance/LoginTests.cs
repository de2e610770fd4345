using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JitsiMesh.Kit.Directories;
using JitsiMesh.Kit.Processes;
using Xunit.Abstractions;

namespace JitsiMesh.Conformance.Tests;

/// <summary>Who comes in and who moderates, through real browsers against the built all-in-one as a process of its own.</summary>
public sealed class LoginTests(BrowserFixture browsers, ITestOutputHelper output) : IClassFixture<BrowserFixture>
{
    private const string User = "ann";
    private const string Password = "open sesame 17";
    private const string AppId = "conformance";
    private const string Slapd = "/usr/sbin/slapd";

    private static readonly string Secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(24));

    private static readonly Dictionary<string, string> Accounts = new() { ["ENABLE_AUTH"] = "1", ["ENABLE_GUESTS"] = "1", ["AUTH_TYPE"] = "internal" };

    private static readonly Dictionary<string, string> Tokens = new() { ["ENABLE_AUTH"] = "1", ["AUTH_TYPE"] = "jwt", ["JWT_APP_ID"] = AppId, ["JWT_APP_SECRET"] = Secret };

    private static readonly Dictionary<string, string> Both = new(Tokens) { ["ENABLE_GUESTS"] = "1", ["AUTH_TYPE"] = "hybrid" };

    private static string Web => Tree.Path("services", "web");

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task In_the_web_client_a_guest_waits_until_the_host_signs_in()
    {
        await using var mesh = await WithAccountAsync(Accounts);
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "login.mjs"), [mesh.Url, Tree.Path("artifacts", "screens", "login"), "accounts", User, Password], Web);
    }

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task In_the_web_client_of_a_hybrid_site_accounts_and_invitations_open_the_call()
    {
        await using var mesh = await WithAccountAsync(Both);
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "login.mjs"),
            [mesh.Url, Tree.Path("artifacts", "screens", "hybrid"), "hybrid", User, Password, Token(TimeSpan.FromMinutes(10)), Token(TimeSpan.FromMinutes(-10))], Web);
    }

    [NeedsFact("/usr/bin/chromium", "node")]
    public async Task In_the_web_client_invitations_with_tokens_open_the_call()
    {
        await using var mesh = await AllInOneProcess.StartAsync(Tokens);
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "login.mjs"), [mesh.Url, Tree.Path("artifacts", "screens", "login"), "tokens", Token(TimeSpan.FromMinutes(10)), Token(TimeSpan.FromMinutes(-10))], Web);
    }

    [NeedsFact("/usr/bin/chromium", "node", Slapd)]
    public async Task In_the_web_client_people_of_a_directory_sign_in_and_find_others()
    {
        await using var slapd = new RunningSlapd(people: 200);
        await slapd.InitializeAsync();
        await using var mesh = await AllInOneProcess.StartAsync(Of(slapd, guests: true));
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "login.mjs"), [mesh.Url, Tree.Path("artifacts", "screens", "ldap"), "directory", "anna", TestEntries.Password], Web);
    }

    [NeedsFact("/usr/bin/chromium", "node", Slapd)]
    public async Task In_the_web_client_others_see_who_somebody_is_for_the_directory()
    {
        await using var slapd = new RunningSlapd(people: 10);
        await slapd.InitializeAsync();
        await using var mesh = await AllInOneProcess.StartAsync(Of(slapd, guests: false));
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "login.mjs"),
            [mesh.Url, Tree.Path("artifacts", "screens", "ldap"), "profile", "anna", TestEntries.Password, "Anna Ångström", "anna@corp.example", "berta", "berta's"], Web);
    }

    [NeedsFact("/usr/bin/chromium", "node", "npm")]
    public async Task In_the_web_client_people_sign_in_by_an_OpenID_provider_and_out_again()
    {
        var provider = Tree.Path("tests", "services", "Auth.Tests", "Oidc", "OtherProvider");
        var (installed, said) = await Programs.RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], provider, TimeSpan.FromMinutes(3));
        Assert.True(installed == 0, said);
        var (https, port) = (FreePorts.Next(), FreePorts.Next());
        var isFirst = true;
        await using var mesh = await AllInOneProcess.StartAsync(
            new Dictionary<string, string>
            {
                ["ENABLE_AUTH"] = "1",
                ["AUTH_TYPE"] = "oidc",
                ["PUBLIC_URL"] = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{https}"),
                ["MESH_OIDC_ISSUER"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
                ["MESH_OIDC_CLIENT_ID"] = "jitsi",
                ["MESH_OIDC_CLIENT_SECRET"] = Secret,
                ["MESH_OIDC_SCOPES"] = "openid profile email groups",
                ["MESH_OIDC_MODERATOR_GROUPS"] = "hosts",
            },
            () =>
            {
                if (!isFirst) return FreePorts.Next();
                isFirst = false;
                return https;
            });
        await ScenarioAsync(mesh, Path.Combine(Web, "e2e", "oidc.mjs"), [mesh.Url, Tree.Path("artifacts", "screens", "oidc"), provider, port.ToString(CultureInfo.InvariantCulture), Secret], Web);
    }

    [NeedsLibraryTheory]
    [InlineData("internal")]
    [InlineData("jwt")]
    [InlineData("hybrid")]
    public async Task An_unmodified_lib_jitsi_meet_logs_in(string mode)
    {
        await using var mesh = mode switch
        {
            "jwt" => await AllInOneProcess.StartAsync(Tokens),
            "hybrid" => await WithAccountAsync(Both),
            _ => await WithAccountAsync(Accounts),
        };
        await LibraryAsync(mesh, mode, User, Password);
    }

    [NeedsLibraryTheory(Slapd)]
    [InlineData("ldap")]
    public async Task An_unmodified_lib_jitsi_meet_logs_in_by_a_directory(string mode)
    {
        await using var slapd = new RunningSlapd(people: 10);
        await slapd.InitializeAsync();
        await using var mesh = await AllInOneProcess.StartAsync(Of(slapd, guests: true));
        await LibraryAsync(mesh, mode, "anna", TestEntries.Password);
    }

    // As a site with a directory is set up: over TLS, with an account that searches.
    private static Dictionary<string, string> Of(RunningSlapd slapd, bool guests) => new()
    {
        ["ENABLE_AUTH"] = "1",
        ["ENABLE_GUESTS"] = guests ? "1" : "0",
        ["AUTH_TYPE"] = "ldap",
        ["LDAP_URL"] = slapd.Tls,
        ["LDAP_BASE"] = "ou=people," + RunningSlapd.Suffix,
        ["LDAP_BINDDN"] = RunningSlapd.ServiceName,
        ["LDAP_BINDPW"] = RunningSlapd.ServicePassword,
        ["LDAP_TLS_CACERT_FILE"] = slapd.Authority,
        ["MESH_DIRECTORY"] = "1",
    };

    private Task LibraryAsync(AllInOneProcess mesh, string mode, string user, string password)
    {
        var library = Environment.GetEnvironmentVariable(NeedsLibraryTheoryAttribute.Variable)!;
        return ScenarioAsync(mesh, Path.Combine(BrowserFixture.Folder, "lib-jitsi-meet-login.mjs"),
            ["--url", mesh.Url, "--library", library, "--mode", mode, "--user", user, "--password", password, "--app-id", AppId, "--secret", Secret], BrowserFixture.Folder);
    }

    // The account is made while the mesh runs, as an operator makes it.
    private async Task<AllInOneProcess> WithAccountAsync(Dictionary<string, string> settings)
    {
        var mesh = await AllInOneProcess.StartAsync(settings);
        var (code, text) = await Programs.RunAsync("bash", ["-c", $"printf '%s' \"$1\" | dotnet \"$2\" users add {User} --password-stdin", "-", Password, Tree.Built("JitsiMesh.Auth.Host")], mesh.Folder,
            TimeSpan.FromMinutes(1), new Dictionary<string, string>(settings) { ["CONFIG"] = mesh.Folder });
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
        var (code, text) = await Programs.RunAsync("node", [script, .. arguments], folder, TimeSpan.FromMinutes(10), Programs.BrowserLimits);
        output.WriteLine(text);
        if (code != 0) output.WriteLine("The mesh said:\n" + mesh.Log);
        Assert.True(code == 0, text);
    }
}

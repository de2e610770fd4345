using JitsiMesh.Kit.Directories;
using System.Net.Http.Headers;
using System.Text;
using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Auth.Tests.Ldap;
using JitsiMesh.Mesh.Tests.UnderTest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>What people log in with, and what they search for, is in no log line, no trace and no inner page of a mesh in one process.</summary>
public sealed class SecretPrivacyTests
{
    private const string WrongPassword = "walrus-in-the-wrong-field";
    private const string NoAccount = "typed-into-the-wrong-field";
    private const string SearchTerm = "Quillfeather-Zebedee";

    [Fact]
    public async Task Nothing_of_accounts_and_session_ids_is_told()
    {
        var settings = new Dictionary<string, string?>(AuthenticationMode.Accounts) { ["ENABLE_GUESTS"] = "1" };
        using var spans = new SpanCollector();
        await using var mesh = await InProcessMesh.StartAsync(settings);
        await mesh.Services.GetRequiredService<AccountStore>().AddAsync(AuthenticationMode.Host, null, PasswordKeys.Of(AuthenticationMode.Password), CancellationToken.None);
        List<string> secrets = [AuthenticationMode.Password, WrongPassword, NoAccount];
        foreach (var mechanism in (string[])["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"])
        {
            await using var client = await LoginClient.OpenAsync(mesh.WebSocket, "secrets");
            Assert.Null(await client.LogInAsync(mesh.Domain, mechanism, AuthenticationMode.Host, AuthenticationMode.Password));
            Assert.Null(await client.RequestAsync("secrets"));
            Assert.Null(await client.JoinAsync("secrets"));
            secrets.Add(client.SessionId!);
            await using var guest = await LoginClient.OpenAsync(mesh.WebSocket, "secrets");
            Assert.Null(await guest.LogInAsync("guest.meet.jitsi"));
            Assert.Null(await guest.RequestAsync("secrets", client.SessionId));
            Assert.Null(await guest.LogOutAsync(client.SessionId!));
            Assert.Equal("request: not-acceptable session-invalid", await guest.RequestAsync("secrets", client.SessionId));
            await RefusedAsync(mesh, mechanism, AuthenticationMode.Host, WrongPassword);
            await RefusedAsync(mesh, mechanism, NoAccount, WrongPassword);
        }

        await AssertNothingIsToldAsync(mesh, spans, secrets);
    }

    [Fact]
    public async Task Nothing_of_tokens_is_told()
    {
        using var spans = new SpanCollector();
        await using var mesh = await InProcessMesh.StartAsync(AuthenticationMode.Tokens);
        List<string> tokens =
        [
            AuthenticationMode.Token(), AuthenticationMode.Token(room: "another"), AuthenticationMode.Token(lifetime: TimeSpan.FromMinutes(-5)), AuthenticationMode.Token(secret: new string('x', 40)), "tokenfortythousandfireflies",
        ];
        using var http = new HttpClient();
        foreach (var token in tokens)
        {
            await using var client = await LoginClient.OpenAsync(mesh.WebSocket, "secrets", token);
            if (await client.LogInAsync(mesh.Domain) is null && await client.RequestAsync("secrets") is null) await client.JoinAsync("secrets");
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(mesh.PlainHttp, "conference-request/v1?room=secrets"))
            {
                Content = new StringContent($$"""{"room":"secrets@{{mesh.MucDomain}}","machineUid":"m"}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.SendAsync(request);
        }

        // The whole, its payload and its signature.
        await AssertNothingIsToldAsync(mesh, spans, [AuthenticationMode.Secret, .. tokens, .. tokens.SelectMany(token => token.Split('.').Skip(1))]);
    }

    [SlapdFact]
    public async Task Nothing_of_a_directorys_passwords_and_of_what_is_searched_is_told()
    {
        await using var directory = new RunningSlapd(people: 20);
        await directory.InitializeAsync();
        var settings = new Dictionary<string, string?>
        {
            ["ENABLE_AUTH"] = "1",
            ["AUTH_TYPE"] = "ldap",
            ["LDAP_URL"] = directory.Plain,
            ["LDAP_BASE"] = "ou=people," + RunningSlapd.Suffix,
            ["LDAP_BINDDN"] = RunningSlapd.ServiceName,
            ["LDAP_BINDPW"] = RunningSlapd.ServicePassword,
            ["MESH_DIRECTORY"] = "1",
            ["MESH_DIRECTORY_OPEN"] = "1",
        };
        using var spans = new SpanCollector();
        await using (var mesh = await InProcessMesh.StartAsync(settings))
        {
            await using (var client = await LoginClient.OpenAsync(mesh.WebSocket, "secrets"))
            {
                Assert.Null(await client.LogInAsync(mesh.Domain, "PLAIN", "anna", TestEntries.Password));
                Assert.Null(await client.RequestAsync("secrets"));
                Assert.Null(await client.JoinAsync("secrets"));
            }

            await RefusedAsync(mesh, "PLAIN", "anna", WrongPassword);
            await RefusedAsync(mesh, "PLAIN", NoAccount, WrongPassword);
            using var http = new HttpClient();
            Assert.Contains("Mary", await http.GetStringAsync(new Uri(mesh.PlainHttp, "people-search?query=Mary&queryTypes=%5B%22user%22%5D")), StringComparison.Ordinal);
            Assert.Equal("[]", await http.GetStringAsync(new Uri(mesh.PlainHttp, $"people-search?query={SearchTerm}&queryTypes=%5B%22user%22%5D")));

            // A directory that is not there, so that errors are told as well.
            await directory.KillAsync();
            await using (var late = await LoginClient.OpenAsync(mesh.WebSocket, "secrets"))
            {
                Assert.Equal("login: temporary-auth-failure", (await late.LogInAsync(mesh.Domain, "PLAIN", "anna", TestEntries.Password))!.Split(" \"")[0]);
            }

            await http.GetAsync(new Uri(mesh.PlainHttp, $"people-search?query={SearchTerm}&queryTypes=%5B%22user%22%5D"));
            await AssertNothingIsToldAsync(mesh, spans, [TestEntries.Password, RunningSlapd.ServicePassword, WrongPassword, NoAccount, SearchTerm]);
        }
    }

    private static async Task RefusedAsync(InProcessMesh mesh, string mechanism, string user, string password)
    {
        await using var client = await LoginClient.OpenAsync(mesh.WebSocket, "secrets");
        Assert.Equal("login: not-authorized", await client.LogInAsync(mesh.Domain, mechanism, user, password));
    }

    private static async Task AssertNothingIsToldAsync(InProcessMesh mesh, SpanCollector spans, IReadOnlyCollection<string> secrets)
    {
        var pages = await SecretScan.PagesAsync("all-in-one", mesh.InnerAsync);
        Assert.NotEmpty(spans.Spans);
        SecretScan.AssertNowhere(secrets,
        [
            .. mesh.Log.Where(line => line.Level > LogLevel.Debug).Select(line => ("log", line.ToString())), .. spans.Spans.Select(span => ("trace", span.Text)), .. pages, .. SecretScan.Arguments(),
        ]);
    }
}

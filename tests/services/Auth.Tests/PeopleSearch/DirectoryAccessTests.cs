using System.Text.Json.Nodes;
using JitsiMesh.Auth.PeopleSearch;
using JitsiMesh.Auth.Tests.Tokens;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.PeopleSearch;

/// <summary>Who may search for people. The directory itself is away: whoever may search gets nobody, and is told that somebody is missing.</summary>
public sealed class DirectoryAccessTests : IAsyncLifetime
{
    private const string Ann = "ann@meet.jitsi";
    private const string Machine = "0123456789abcdef";

    private readonly FakeTimeProvider _time = new(TokenMint.Now);
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-access-").FullName;
    private readonly List<ServiceProvider> _composed = [];

    [Theory]
    [InlineData("Authorization", "Bearer", 200, "incomplete")]
    [InlineData("Authorization", "bearer", 200, "incomplete")]
    [InlineData("Authorization", "Basic", 401, "no_login")]
    [InlineData("Authorization", "", 401, "no_login")]
    [InlineData("jwt", "", 200, "incomplete")]
    [InlineData("X-Token", "", 401, "no_login")]
    public async Task A_token_is_shown_as_Jitsis_clients_show_it(string where, string scheme, int status, string outcome)
    {
        var services = WithTokens();
        var token = TokenMint.Hmac(TokenMint.Payload());
        var context = where == "jwt" ? ContextOf($"query=anna&jwt={token}") : ContextOf("query=anna");
        if (where != "jwt") context.Request.Headers[where] = scheme.Length > 0 ? $"{scheme} {token}" : "";

        Assert.Equal(outcome, await AskAsync(services, context));
        Assert.Equal(status, context.Response.StatusCode);
        if (status == 401) Assert.Equal("Log in to search for people.", (string)Body(context)["message"]!);
        else Assert.Equal("1", context.Response.Headers[PeopleSearchEndpoint.IncompleteHeader]);
    }

    [Fact]
    public async Task A_token_that_lets_nobody_in_lets_nobody_search_and_its_room_and_tenant_do_not_matter()
    {
        var services = WithTokens(("JWT_ENABLE_DOMAIN_VERIFICATION", "1"));

        Assert.Equal("token_expired", await AskAsync(services, "Bearer " + TokenMint.Hmac(TokenMint.Payload(("exp", TokenMint.Number(-60))))));
        Assert.Equal("token_signature", await AskAsync(services, "Bearer " + TokenMint.Hmac(TokenMint.Payload(), secret: "another secret of good length 123")));
        Assert.Equal("token_issuer", await AskAsync(services, "Bearer " + TokenMint.Hmac(TokenMint.Payload(("iss", "\"other\"")))));
        Assert.Equal("token_malformed", await AskAsync(services, "Bearer x"));
        Assert.Equal("incomplete", await AskAsync(services, "Bearer " + TokenMint.Hmac(TokenMint.Payload(("room", "\"elsewhere\""), ("sub", "\"acme\"")))));
    }

    [Fact]
    public async Task A_session_id_is_good_on_its_machine_until_it_is_over()
    {
        var services = WithAccounts();
        var id = await LogInAsync(services, Ann, TimeSpan.FromHours(1));

        Assert.Equal("incomplete", await AskAsync(services, "Session " + id, Machine));
        Assert.Equal("session_machine", await AskAsync(services, "Session " + id, "another"));
        Assert.Equal("session_machine", await AskAsync(services, "Session " + id));
        Assert.Equal("session_unknown", await AskAsync(services, $"Session {id[..^1]}{(id[^1] == '0' ? '1' : '0')}", Machine));
        Assert.Equal("session_unknown", await AskAsync(services, $"Session AAAAAAAAAAAAAAAA{id[16..]}", Machine));
        Assert.Equal("session_malformed", await AskAsync(services, "Session focus-login:x", Machine));
        Assert.Equal("tokens_not_taken", await AskAsync(services, "Bearer " + TokenMint.Hmac(TokenMint.Payload())));
        Assert.Equal("tokens_not_taken", await AskAsync(services, "Bearer " + id, Machine));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("session_unknown", await AskAsync(services, "Session " + id, Machine));
    }

    [Fact]
    public async Task A_session_id_that_was_logged_out_or_whose_account_is_gone_is_over()
    {
        var services = WithAccounts();
        var store = services.GetRequiredService<IMeshStore>();
        var (first, second) = (await LogInAsync(services, Ann, TimeSpan.FromHours(1)), await LogInAsync(services, Ann, TimeSpan.FromHours(1)));
        StoredLogin.TryLocate(first, out var key, out var field);

        await store.WriteAsync(key, 0, new DocumentChange { Remove = [field] });
        Assert.Equal("session_unknown", await AskAsync(services, "Session " + first, Machine));
        Assert.Equal("incomplete", await AskAsync(services, "Session " + second, Machine));

        await store.DeleteAsync(StoredLogin.KeyOf(Ann), 0);
        Assert.Equal("session_unknown", await AskAsync(services, "Session " + second, Machine));
    }

    [Fact]
    public async Task While_the_store_is_away_a_session_id_is_neither_good_nor_bad()
    {
        var services = WithAccounts();
        var access = new SignedInDirectory(new AbsentStore(), null, _time, services.GetRequiredService<ILogger<SignedInDirectory>>());
        var context = ContextOf("query=anna");
        context.Request.Headers.Authorization = "Session 0123456789012345.01234567890123456789012345678901";

        Assert.Equal("store_unavailable", await PeopleSearchEndpoint.AnswerAsync(context, services.GetRequiredService<PeopleDirectory>(), access, services.GetRequiredService<SearchBudget>()));
        Assert.Equal((503, "1"), (context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString()));
    }

    [Fact]
    public async Task One_person_may_not_search_too_often_and_holds_up_nobody_else()
    {
        var services = WithTokens();
        var (ann, bob) = ("Bearer " + Of("ann"), "Bearer " + Of("bob"));

        for (var i = 0; i < DirectoryLimits.SearchBurst; i++) Assert.Equal("incomplete", await AskAsync(services, ann));
        var context = ContextOf("query=anna");
        context.Request.Headers.Authorization = ann;
        Assert.Equal("too_many_of_one", await AskAsync(services, context));
        Assert.Equal((429, "1"), (context.Response.StatusCode, context.Response.Headers.RetryAfter.ToString()));
        Assert.Equal("incomplete", await AskAsync(services, bob));

        // Another token of the same person changes nothing; time does.
        Assert.Equal("too_many_of_one", await AskAsync(services, "Bearer " + Of("ann", 1800)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("incomplete", await AskAsync(services, ann));

        static string Of(string id, int end = 3600) => TokenMint.Hmac(TokenMint.Payload(("exp", TokenMint.Number(end)), ("context", $$"""{ "user": { "id": "{{id}}" } }""")));
    }

    [Fact]
    public void Of_more_people_than_can_be_counted_the_further_ones_wait_until_others_are_forgotten()
    {
        var budget = new SearchBudget(_time);
        for (var i = 0; i < DirectoryLimits.Visitors; i++)
        {
            var visitor = FormattableString.Invariant($"{i}");
            Assert.True(budget.TryBegin(visitor));
            budget.End(visitor);
        }

        Assert.False(budget.TryBegin("one more"));
        Assert.True(budget.TryBegin("0"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(budget.TryBegin("one more"));
    }

    [Fact]
    public async Task Where_everybody_may_search_the_limit_is_by_address()
    {
        var services = Compose(("MESH_DIRECTORY_OPEN", "1"));
        async Task<string> FromAsync(string address)
        {
            var context = ContextOf("query=anna");
            context.Request.Headers["X-Forwarded-For"] = address;
            return await AskAsync(services, context);
        }

        for (var i = 0; i < DirectoryLimits.SearchBurst; i++) Assert.Equal("incomplete", await FromAsync("192.0.2.1"));
        Assert.Equal("too_many_of_one", await FromAsync("192.0.2.1"));
        Assert.Equal("incomplete", await FromAsync("192.0.2.2"));

        // An IPv6 client has a whole /64.
        for (var i = 0; i < DirectoryLimits.SearchBurst; i++) Assert.Equal("incomplete", await FromAsync(FormattableString.Invariant($"2001:db8::{i + 1:x}")));
        Assert.Equal("too_many_of_one", await FromAsync("2001:db8::ffff"));
        Assert.Equal("incomplete", await FromAsync("2001:db8:0:1::1"));
    }

    [Fact]
    public void One_person_has_few_searches_running_and_others_have_theirs()
    {
        var budget = new SearchBudget(_time);
        for (var i = 0; i < DirectoryLimits.SearchesOfOne; i++) Assert.True(budget.TryBegin("anna"));
        Assert.False(budget.TryBegin("anna"));
        Assert.True(budget.TryBegin("berta"));
        budget.End("anna");
        Assert.True(budget.TryBegin("anna"));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var services in _composed) await services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static DefaultHttpContext ContextOf(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString("?" + query);
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static JsonNode Body(HttpContext context)
    {
        context.Response.Body.Position = 0;
        return JsonNode.Parse(context.Response.Body)!;
    }

    private static Task<string> AskAsync(ServiceProvider services, HttpContext context) => PeopleSearchEndpoint.AnswerAsync(
        context, services.GetRequiredService<PeopleDirectory>(), services.GetRequiredService<IDirectoryAccess>(), services.GetRequiredService<SearchBudget>());

    private static async Task<string> AskAsync(ServiceProvider services, string authorization, string? machine = null)
    {
        var context = ContextOf("query=anna");
        context.Request.Headers.Authorization = authorization;
        if (machine is not null) context.Request.Headers[SignedInDirectory.MachineHeader] = machine;
        var outcome = await AskAsync(services, context);
        Assert.Equal(outcome switch { "incomplete" => 200, "too_many_of_one" => 429, _ => 401 }, context.Response.StatusCode);
        return outcome;
    }

    // As focus writes it.
    private async Task<string> LogInAsync(ServiceProvider services, string identity, TimeSpan lifetime)
    {
        var secret = new byte[StoredLogin.SecretOctets];
        System.Security.Cryptography.RandomNumberGenerator.Fill(secret);
        var id = StoredLogin.NewId(identity, secret);
        StoredLogin.TryLocate(id, out var key, out var field);
        var login = new StoredLogin(identity, StoredLogin.HashOf(Machine), (_time.GetUtcNow() + lifetime).ToUnixTimeMilliseconds(), null);
        await services.GetRequiredService<IMeshStore>().WriteAsync(key, 0, new DocumentChange { Put = new Dictionary<string, byte[]> { [field] = login.Write() } });
        return id;
    }

    private ServiceProvider WithTokens(params (string Name, string Value)[] values) =>
        Compose([("ENABLE_AUTH", "1"), ("AUTH_TYPE", "jwt"), ("JWT_APP_ID", "app"), ("JWT_APP_SECRET", TokenMint.Secret), .. values]);

    private ServiceProvider WithAccounts() => Compose(("ENABLE_AUTH", "1"), ("AUTH_TYPE", "internal"));

    private ServiceProvider Compose(params (string Name, string Value)[] values)
    {
        var file = Path.Combine(_folder, "directories.json");
        File.WriteAllText(file, """{ "directories": [ { "name": "away", "url": "ldap://127.0.0.1:1" } ] }""");
        var builder = MeshHost.CreateBuilder([]);
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddMeshDefaults("all-in-one", MeshSettings.From(new (string Name, string Value)[] { ("CONFIG", _folder), ("MESH_DIRECTORY", "1"), ("MESH_DIRECTORY_CONFIG", file) }
            .Concat(values).Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))));
        builder.AddAuth();
        builder.Services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(new LoggerFactory()));
        var services = builder.Services.BuildServiceProvider();
        _composed.Add(services);
        return services;
    }

    /// <summary>A store that does not answer.</summary>
    private sealed class AbsentStore : IMeshStore
    {
        public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default) => throw new TimeoutException();

        public ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default) => throw new TimeoutException();
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using JitsiMesh.Auth.PeopleSearch;
using JitsiMesh.Auth.Tests.Ldap;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Kit.Directories;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tests.PeopleSearch;

/// <summary>The search for people against a real directory with 10,000 entries.</summary>
public sealed class PeopleSearchTests(LargeSlapdFixture slapd) : IClassFixture<LargeSlapdFixture>
{
    [SlapdFact]
    public async Task Nobody_searches_without_a_login()
    {
        await using var services = Compose(("MESH_DIRECTORY_OPEN", "0"));

        var answer = await AskAsync(services, "query=john");

        Assert.Equal(401, answer.Status);
        Assert.DoesNotContain("John", answer.Body, StringComparison.Ordinal);
    }

    [SlapdTheory]
    [InlineData("anna", "Anna Ångström")]
    [InlineData("ångström", "Anna Ångström")]
    [InlineData("braun b", "Berta Braun")]
    [InlineData("berta bra", "Berta Braun")]
    [InlineData("BERTA@corp", "Berta Braun")]
    [InlineData("bb", "Berta Braun")]
    [InlineData("carl", "Carl Clear")]
    public async Task People_are_found_by_parts_of_names_nicknames_and_initials(string query, string expected)
    {
        await using var services = Compose();

        var people = await UsersAsync(services, query);

        Assert.Contains(expected, people);
    }

    [SlapdFact]
    public async Task One_letter_finds_names_that_begin_with_it()
    {
        await using var services = Compose();

        var people = await UsersAsync(services, "z");

        Assert.NotEmpty(people);
        Assert.All(people, name => Assert.StartsWith("Zoe", name, StringComparison.Ordinal));
    }

    [SlapdFact]
    public async Task Each_type_has_its_fields()
    {
        await using var services = Compose();

        var found = JsonNode.Parse((await AskAsync(services, "query=person00001&queryTypes=" + Uri.EscapeDataString("""["phone","room","user","videosipgw","email"]"""))).Body)!.AsArray();

        Assert.Equal(["user", "phone", "phone", "email"], found.Select(item => (string)item!["type"]!));
        Assert.Equal("""{"id":"person00001@corp.example","type":"user","name":"Mary Doe0","email":"person00001@corp.example","organization":"Corp","department":"Sales","numbers":[{"number":"+493055100001","kind":"work"},{"number":"+491700000001","kind":"mobile"}]}""".Replace("551", "55", StringComparison.Ordinal), found[0]!.ToJsonString().Replace("\\u002B", "+", StringComparison.Ordinal));
        Assert.Equal(("+49305500001", "work"), ((string)found[1]!["number"]!, (string)found[1]!["kind"]!));
    }

    [SlapdFact]
    public async Task Numbers_are_found_by_their_digits()
    {
        await using var services = Compose();

        Assert.Equal(["Mary Doe0"], await UsersAsync(services, "5500001"));
    }

    [SlapdTheory]
    [InlineData("*")]
    [InlineData("*)(uid=*")]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\u0001")]
    public async Task A_query_is_never_syntax(string query)
    {
        await using var services = Compose();

        Assert.Empty(await UsersAsync(services, query));
    }

    [SlapdFact]
    public async Task Results_come_in_pages_of_one_order()
    {
        await using var services = Compose();
        var all = new List<string>();
        var query = "query=doe&limit=60";
        for (var pages = 0; pages < 20; pages++)
        {
            var answer = await AskAsync(services, query);
            var page = JsonNode.Parse(answer.Body)!.AsArray().Select(item => (string)item!["id"]!).ToList();
            all.AddRange(page);
            if (answer.Next is null) break;
            Assert.Equal(60, page.Count);
            query = answer.Next;
        }

        Assert.Equal(DirectoryLimits.HitsPerSource, all.Count);
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [SlapdTheory]
    [InlineData("query=a&queryTypes=nonsense")]
    [InlineData("query=a&offset=-1")]
    [InlineData("query=a&limit=x")]
    public async Task What_is_not_understood_is_told(string query)
    {
        await using var services = Compose();

        Assert.Equal(400, (await AskAsync(services, query)).Status);
    }

    [SlapdFact]
    public async Task Several_directories_are_one_and_a_dead_or_slow_one_leaves_its_people_out()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var slow = $"ldap://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        await using var services = Compose(("MESH_DIRECTORY_TIMEOUT", "1"), ("MESH_DIRECTORY_CONFIG", Write($$"""
            { "directories": [
              { "name": "slow", "url": "{{slow}}", "base": "dc=x" },
              { "name": "dead", "url": "ldap://127.0.0.1:1", "base": "dc=x" },
              { "name": "people", "url": "{{slapd.Tls}}", "caFile": "{{slapd.Authority}}", "base": "ou=people,{{RunningSlapd.Suffix}}", "scope": "one", "filter": "(mail=*)" },
              { "name": "other", "url": "{{slapd.Plain}}", "startTls": true, "caFile": "{{slapd.Authority}}", "base": "ou=other,{{RunningSlapd.Suffix}}", "fields": { "name": ["uid"], "search": ["cn"] } },
            ] }
            """)));
        var began = Stopwatch.GetTimestamp();

        var people = await UsersAsync(services, "twin");

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(["twin", "Twin One"], people);
        Assert.Equal("1", (await HeadersAsync(services, "query=twin"))[PeopleSearchEndpoint.IncompleteHeader]);
    }

    [SlapdFact]
    public async Task What_is_searched_for_is_not_logged()
    {
        var log = new CollectedLog();
        await using var services = Compose(log, ("MESH_DIRECTORY_CONFIG", Write("""{ "directories": [ { "url": "ldap://127.0.0.1:1" } ] }""")));

        await UsersAsync(services, "somebodyspecial");

        Assert.Contains("127.0.0.1:1", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("somebodyspecial", log.Text, StringComparison.Ordinal);
    }

    [SlapdFact]
    public async Task Ten_thousand_entries_are_searched_within_200_ms()
    {
        await using var services = Compose();
        string[] queries = ["john", "doe", "mary s", "ru", "k", "person0", "sato3", "lena weber", "nowak1", "5500"];
        foreach (var query in queries) await UsersAsync(services, query);
        var times = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await UsersAsync(services, queries[i % queries.Length]);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine(FormattableString.Invariant($"people search over {RunningSlapd.People} entries: median {times[100]:f1} ms, p95 {times[190]:f1} ms"));

        // The claim is 200 ms on a machine that does nothing else; a test run shares its processor.
        Assert.True(times[190] < 1000, FormattableString.Invariant($"p95 {times[190]:f1} ms"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{ "directories": [] }""")]
    [InlineData("""{ "directories": [ { "url": "http://x" } ] }""")]
    [InlineData("""{ "directories": [ { "url": "ldap://x", "bindDn": "cn=a" } ] }""")]
    [InlineData("""{ "directories": [ { "url": "ldap://x", "filter": "(a" } ] }""")]
    [InlineData("""{ "directories": [ { "url": "ldap://x", "scope": "world" } ] }""")]
    [InlineData("""{ "directories": [ { "url": "ldap://x", "phonePrefix": "abc" } ] }""")]
    [InlineData("""{ "directories": [ { "url": "ldap://x", "fields": { "mail": ["a b"] } } ] }""")]
    [InlineData("""{ "directories": [ { "url": "ldap://x", "colour": "red" } ] }""")]
    public void A_mistake_in_the_file_ends_the_start(string json)
    {
        var refusal = Assert.Throws<SettingsException>(() => DirectoryConfiguration.Read(MeshSettings.From([KeyValuePair.Create("MESH_DIRECTORY_CONFIG", (string?)Write(json))])));

        Assert.StartsWith("MESH_DIRECTORY_CONFIG:", Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+49 (0)30 123-456", "+4930123456")]
    [InlineData("0049 30 123456", "+4930123456")]
    [InlineData("030/123456", "+4930123456")]
    [InlineData("123456", "+4930123456")]
    [InlineData("+1 212.555.0100", "+12125550100")]
    [InlineData("call me", null)]
    [InlineData("1", null)]
    public void Numbers_become_such_that_can_be_dialled(string written, string? expected) => Assert.Equal(expected, new PhoneRules("+4930", "+49", "00", "0").Normalise(written));

    private static async Task<IReadOnlyList<string>> UsersAsync(ServiceProvider services, string query)
    {
        var answer = await AskAsync(services, "query=" + Uri.EscapeDataString(query) + "&queryTypes=" + Uri.EscapeDataString("""["user","conferenceRooms"]"""));
        Assert.Equal(200, answer.Status);
        return [.. JsonNode.Parse(answer.Body)!.AsArray().Select(item => (string)item!["name"]!)];
    }

    private static async Task<(int Status, string Body, string? Next)> AskAsync(ServiceProvider services, string query)
    {
        var context = ContextOf(query);
        await PeopleSearchEndpoint.AnswerAsync(context, services.GetRequiredService<PeopleDirectory>(), services.GetRequiredService<IDirectoryAccess>(), new SearchBudget(TimeProvider.System));
        context.Response.Body.Position = 0;
        using var reader = new StreamReader(context.Response.Body);
        var link = context.Response.Headers.Link.ToString();
        return (context.Response.StatusCode, await reader.ReadToEndAsync(), link.Length > 0 ? link[2..link.IndexOf('>', StringComparison.Ordinal)] : null);
    }

    private static async Task<IHeaderDictionary> HeadersAsync(ServiceProvider services, string query)
    {
        var context = ContextOf(query);
        await PeopleSearchEndpoint.AnswerAsync(context, services.GetRequiredService<PeopleDirectory>(), services.GetRequiredService<IDirectoryAccess>(), new SearchBudget(TimeProvider.System));
        return context.Response.Headers;
    }

    private static DefaultHttpContext ContextOf(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString("?" + query);
        context.Response.Body = new MemoryStream();
        return context;
    }

    private static string Write(string json)
    {
        var path = Path.Combine(Path.GetTempPath(), $"jitsimesh-directory-{Environment.ProcessId}-{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(json)))[..16]}.json");
        File.WriteAllText(path, json);
        return path;
    }

    private ServiceProvider Compose(params (string Name, string Value)[] values) => Compose(new CollectedLog(), values);

    private ServiceProvider Compose(CollectedLog log, params (string Name, string Value)[] values)
    {
        var settings = new Dictionary<string, string?>
        {
            ["MESH_DIRECTORY"] = "1",
            ["MESH_DIRECTORY_OPEN"] = "1",
            ["LDAP_URL"] = slapd.Plain,
            ["LDAP_BASE"] = "ou=people," + RunningSlapd.Suffix,
            ["MESH_DIRECTORY_CONFIG"] = Write("""{ "directories": [ { "name": "corp", "phonePrefix": "+4930", "countryCode": "+49" } ] }"""),
        };
        foreach (var (name, value) in values) settings[name] = value;
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("all-in-one", MeshSettings.From(settings));
        builder.AddAuth();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        return builder.Services.BuildServiceProvider();
    }
}

using System.Net;
using System.Text.Json;
using JitsiMesh.Auth.Tests.Oidc.Kit;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;

namespace JitsiMesh.Auth.Tests.Oidc;

/// <summary>Logins by oidc-provider, a provider of other authorship, from the room's page to a session and back.</summary>
[Collection(OidcTurns.Name)]
public sealed class OtherProviderTests
{
    private static readonly (string, string)[] Groups =
    [
        ("MESH_OIDC_SCOPES", "openid profile email groups"),
        ("MESH_OIDC_MODERATOR_GROUPS", "hosts; chairs"),
        ("MESH_OIDC_FEATURE_GROUPS", "recording=recorders;livestreaming=streamers"),
    ];

    [OtherProviderFact]
    public async Task A_login_ends_in_the_room_with_what_the_provider_says_of_the_person()
    {
        using var folder = new Folder();
        using var outcomes = new Outcomes();
        await using var provider = await OtherProvider.StartAsync();
        await using var host = await OidcHost.StartAsync(provider.Issuer, folder.Path, values: Groups);
        using var browser = new Browser(host);

        var begun = await browser.BeginAsync("state=%7B%22room%22%3A%22Stand%20up%22%2C%22tenant%22%3A%22Acme.Corp%22%2C%22config.startWithAudioMuted%22%3Atrue%7D&room=other");
        Assert.StartsWith(provider.Issuer + "auth?", begun.Location);
        Assert.Equal(("code", "S256", "https://meet.example/oidc/callback"), (begun.Parameter("response_type"), begun.Parameter("code_challenge_method"), begun.Parameter("redirect_uri")));
        var back = await browser.FollowAsync(begun, "ann");

        Assert.StartsWith("https://meet.example/Acme.Corp/Stand%20up?jwt=", back.Location);
        Assert.EndsWith("#config.startWithAudioMuted=true", back.Location);
        var context = await host.ContextAsync(back.Token!);
        Assert.Equal(("ann", "stand up", "acme_corp", true), (context.Identity, context.Claims!.Room, context.Claims.Subject, context.Moderator));
        Assert.Equal("""{"recording":true,"livestreaming":false}""", context.Features);
        using var user = JsonDocument.Parse(context.UserContext!);
        Assert.Equal(("Ann Übel", "ann@example.org", "https://example.org/ann.png"),
            (user.RootElement.GetProperty("name").GetString(), user.RootElement.GetProperty("email").GetString(), user.RootElement.GetProperty("avatar").GetString()));
        Assert.Equal((1, 1), (outcomes["oidc_admitted"], outcomes.Sum));
        foreach (var secret in new[] { back.Token!.Split('.')[2], OidcHost.ClientSecret, begun.Parameter("state"), begun.Parameter("nonce"), "Ann", "ann@example.org", "code=" })
        {
            Assert.DoesNotContain(host.Log.Lines, line => line.Line.Contains(secret, StringComparison.Ordinal));
        }
    }

    [OtherProviderFact]
    public async Task Who_is_in_no_group_does_not_moderate_and_an_address_that_nobody_verified_is_not_shown()
    {
        using var folder = new Folder();
        await using var provider = await OtherProvider.StartAsync();
        await using var host = await OidcHost.StartAsync(provider.Issuer, folder.Path, values: Groups);
        using var browser = new Browser(host);
        var context = await host.ContextAsync((await browser.LogInAsync("bob")).Token!);
        Assert.Equal(("meet.jitsi", false, """{"livestreaming":false,"recording":false}"""), (context.Claims!.Subject, context.Moderator, context.Features));
        using var user = JsonDocument.Parse(context.UserContext!);
        Assert.Equal("bob", user.RootElement.GetProperty("name").GetString());
        Assert.False(user.RootElement.TryGetProperty("email", out _));
    }

    [OtherProviderFact]
    public async Task Groups_and_tenants_keep_people_out_in_one_sentence()
    {
        using var folder = new Folder();
        using var outcomes = new Outcomes();
        await using var provider = await OtherProvider.StartAsync();
        await using var host = await OidcHost.StartAsync(provider.Issuer, folder.Path, values: [("MESH_OIDC_SCOPES", "profile groups"), ("MESH_OIDC_ALLOWED_GROUPS", "staff"), ("MESH_OIDC_TENANT_CLAIM", "org")]);

        async Task<Page> LogInAsync(string account, string query)
        {
            using var browser = new Browser(host);
            return await browser.LogInAsync(account, query);
        }

        Assert.NotNull((await LogInAsync("ann", "room=standup&tenant=Acme")).Token);
        Assert.NotNull((await LogInAsync("bob", "room=standup&tenant=more")).Token);
        Assert.Equal("Your account does not belong to this room's organisation.", (await LogInAsync("bob", "room=standup&tenant=acme")).Sentence);
        Assert.Equal("Your account does not belong to this room's organisation.", (await LogInAsync("ann", "room=standup")).Sentence);
        var refused = await LogInAsync("eve", "room=standup&tenant=acme");
        Assert.Equal((HttpStatusCode.Forbidden, "Your account may not log in here."), (refused.Status, refused.Sentence));
        Assert.Equal((2, 2, 1), (outcomes["oidc_admitted"], outcomes["oidc_tenant"], outcomes["oidc_group"]));
    }

    [OtherProviderFact]
    public async Task One_instance_begins_a_login_and_another_ends_it()
    {
        using var first = new Folder();
        using var second = new Folder();
        var store = new OrderedStore(new InMemoryMeshStore(TimeProvider.System));
        await using var provider = await OtherProvider.StartAsync();
        await using var one = await OidcHost.StartAsync(provider.Issuer, first.Path, store);
        await using var two = await OidcHost.StartAsync(provider.Issuer, second.Path, store);
        var asked = 0;
        using var browser = new Browser(() => asked++ % 2 == 0 ? one.Address : two.Address);
        var back = await browser.LogInAsync("ann");
        Assert.Equal(2, asked);
        Assert.Equal("ann", (await one.ContextAsync(back.Token!)).Identity);
        Assert.Equal("ann", (await two.ContextAsync(back.Token!)).Identity);
        Assert.Empty(Directory.GetFiles(first.Path, "oidc.key", SearchOption.AllDirectories));
    }

    [OtherProviderFact]
    public async Task A_token_is_good_after_a_restart_and_the_key_is_for_this_user_alone()
    {
        using var folder = new Folder();
        await using var provider = await OtherProvider.StartAsync();
        string token;
        await using (var host = await OidcHost.StartAsync(provider.Issuer, folder.Path))
        {
            using var browser = new Browser(host);
            token = (await browser.LogInAsync("ann")).Token!;
        }

        await using var again = await OidcHost.StartAsync(provider.Issuer, folder.Path);
        Assert.Equal("ann", (await again.ContextAsync(token)).Identity);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, "auth", "oidc.key")));
        using var other = new Folder();
        await using var stranger = await OidcHost.StartAsync(provider.Issuer, other.Path);
        Assert.Equal("token_signature", (await stranger.AdmitAsync(token)).Refused.Reason);
    }

    [OtherProviderFact]
    public async Task A_provider_that_takes_requests_of_its_own_connection_works_too()
    {
        using var folder = new Folder();
        await using var provider = await OtherProvider.StartAsync(pushed: true);
        await using var host = await OidcHost.StartAsync(provider.Issuer, folder.Path, values: [("JWT_APP_SECRET", "a secret of at least 32 octets, and more")]);
        using var browser = new Browser(host);
        var begun = await browser.BeginAsync();
        Assert.Contains("request_uri=", begun.Location, StringComparison.Ordinal);
        Assert.Equal("ann", (await host.ContextAsync((await browser.FollowAsync(begun, "ann")).Token!)).Identity);
    }

    [OtherProviderFact]
    public async Task A_wrong_secret_is_told_to_the_operator_and_not_to_the_person()
    {
        using var folder = new Folder();
        using var outcomes = new Outcomes();
        await using var provider = await OtherProvider.StartAsync();
        await using var host = await OidcHost.StartAsync(provider.Issuer, folder.Path, values: [("MESH_OIDC_CLIENT_SECRET", "not that one 4711")]);
        using var browser = new Browser(host);
        var page = await browser.LogInAsync("ann");
        Assert.Equal((HttpStatusCode.BadGateway, null), (page.Status, page.Token));
        Assert.StartsWith("The login service does not accept this server", page.Sentence);
        Assert.Equal((1, 1), (outcomes["oidc_client"], outcomes.Sum));
        Assert.Contains(host.Log.Lines, line => line.Line.Contains("oidc_client", StringComparison.Ordinal));
    }

    [OtherProviderFact]
    public async Task A_provider_that_is_down_keeps_nobody_from_starting_and_logins_work_when_it_is_back()
    {
        using var folder = new Folder();
        using var outcomes = new Outcomes();
        var provider = await OtherProvider.StartAsync();
        var (port, issuer) = (provider.Port, provider.Issuer);
        await provider.DisposeAsync();

        await using var host = await OidcHost.StartAsync(issuer, folder.Path);
        using var browser = new Browser(host);
        var page = await browser.BeginAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The login service cannot be reached at the moment."), (page.Status, page.Sentence));
        Assert.Equal("Degraded", await HealthAsync(host));

        provider = await OtherProvider.StartAsync(port);
        page = await WhenAsync(() => browser.LogInAsync("ann"), p => p.Token is not null);
        Assert.Equal("Healthy", await HealthAsync(host));

        // It goes between the person's login and the question for its token.
        using var other = new Browser(host);
        var callback = (await other.FollowAsync(await other.BeginAsync(), "ann", OidcHost.PublicUrl + "/oidc/callback")).Location!;
        await provider.DisposeAsync();
        page = await other.GetAsync(callback);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The login service cannot be reached at the moment."), (page.Status, page.Sentence));
        Assert.True(outcomes["oidc_provider_down"] >= 2);
    }

    [OtherProviderFact]
    public async Task A_callback_works_once_and_in_the_browser_that_began_the_login()
    {
        using var folder = new Folder();
        using var outcomes = new Outcomes();
        await using var provider = await OtherProvider.StartAsync();
        await using var host = await OidcHost.StartAsync(provider.Issuer, folder.Path);
        using var browser = new Browser(host);
        using var stranger = new Browser(host);
        var callback = (await browser.FollowAsync(await browser.BeginAsync(), "ann", OidcHost.PublicUrl + "/oidc/callback")).Location!;
        const string NotHere = "This login was started in another window, was already used, or took too long.";
        Assert.Equal(NotHere, (await stranger.GetAsync(callback)).Sentence);
        Assert.NotNull((await browser.GetAsync(callback)).Token);
        Assert.Equal(NotHere, (await browser.GetAsync(callback)).Sentence);
        Assert.Equal((1, 2), (outcomes["oidc_admitted"], outcomes["oidc_state"]));
        Assert.DoesNotContain(host.Log.Lines, line => line.Line.Contains(callback.Split("code=")[1].Split('&')[0], StringComparison.Ordinal));
    }

    [OtherProviderFact]
    public async Task A_logout_ends_the_login_at_the_provider_and_comes_home()
    {
        using var folder = new Folder();
        await using var provider = await OtherProvider.StartAsync();
        await using var host = await OidcHost.StartAsync(provider.Issuer, folder.Path);
        using var browser = new Browser(host);
        Assert.NotNull((await browser.LogInAsync("ann")).Token);

        // The provider knows the browser: nobody is asked again.
        Assert.Equal("ann", (await host.ContextAsync((await browser.LogInAsync("nobody who is asked")).Token!)).Identity);
        var leaving = await browser.GetAsync(OidcHost.PublicUrl + "/oidc/logout");
        Assert.StartsWith(provider.Issuer + "session/end?", leaving.Location);
        Assert.NotEmpty(leaving.Parameter("id_token_hint"));
        Assert.Equal(OidcHost.PublicUrl + "/", (await browser.FollowAsync(leaving, "ann")).Location);
        Assert.Equal("bob", (await host.ContextAsync((await browser.LogInAsync("bob")).Token!)).Identity);
    }

    private static async Task<string> HealthAsync(OidcHost host)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri(host.Address, "/health"));
        return text.Contains("Degraded", StringComparison.Ordinal) ? "Degraded" : "Healthy";
    }

    private static async Task<Page> WhenAsync(Func<Task<Page>> ask, Func<Page, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var page = await ask();
            if (holds(page)) return page;
            await Task.Delay(100, limit.Token);
        }
    }
}

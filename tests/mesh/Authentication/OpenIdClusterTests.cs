using System.Net;
using System.Text.RegularExpressions;
using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>A cluster whose people log in at a scripted provider.</summary>
public sealed class OpenIdCluster : AuthenticationCluster, IAsyncLifetime
{
    private ScriptedProvider? _provider;

    internal ScriptedProvider Provider => _provider!;

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["ENABLE_AUTH"] = "1",
        ["AUTH_TYPE"] = "oidc",
        ["MESH_OIDC_ISSUER"] = Provider.Issuer,
        ["MESH_OIDC_CLIENT_ID"] = ScriptedProvider.ClientId,
        ["MESH_OIDC_CLIENT_SECRET"] = ScriptedProvider.ClientSecret,
    };

    async Task IAsyncLifetime.InitializeAsync()
    {
        _provider = await ScriptedProvider.StartAsync();
        await InitializeAsync();
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await Provider.DisposeAsync();
    }
}

/// <summary>One login by a provider, whose requests reach now one auth node and now the other.</summary>
public sealed class OpenIdClusterTests(OpenIdCluster cluster) : IClassFixture<OpenIdCluster>
{
    [NeedsClusterFact]
    public async Task A_login_that_began_at_a_node_that_is_killed_ends_at_the_other_once_and_is_good_everywhere()
    {
        await cluster.IsWholeAsync();
        using var browser = new Browser(cluster);
        var begun = await browser.GetAsync("auth-1", "/oidc/login?room=openid");
        Assert.StartsWith(cluster.Provider.Issuer + "/auth?", begun.Location);
        var callback = await browser.ThroughProviderAsync(begun);
        using var copy = browser.Copy();
        cluster.Mesh.Cluster.Kill("auth-1");

        var back = await browser.GetAsync("auth-2", callback);
        Assert.StartsWith(cluster.Mesh.Cluster.Url + "/openid?jwt=", back.Location);
        var token = back.Location!.Split("?jwt=")[1].Split('#')[0];
        await cluster.IsWholeAsync();
        foreach (var node in cluster.Mesh.Nodes("signalling"))
        {
            // The two auth nodes take turns.
            for (var i = 0; i < 2; i++)
            {
                await using var client = await LoginClient.OpenAsync(cluster.Mesh.SignallingSocket(node), "openid", token);
                Assert.Null(await client.LogInAsync("meet.jitsi"));
                Assert.Null(await client.RequestAsync("openid"));
                Assert.Null(await client.JoinAsync("openid"));
            }
        }

        // Again with what the browser has left, and by somebody who has all that it had.
        foreach (var node in cluster.Mesh.Nodes("auth"))
        {
            Assert.Equal((HttpStatusCode.BadRequest, "This login was started in another window, was already used, or took too long."), Told(await browser.GetAsync(node, callback)));
            using var thief = copy.Copy();
            Assert.Equal((HttpStatusCode.BadRequest, "This login was already used, or took too long."), Told(await thief.GetAsync(node, callback)));
        }
    }

    [NeedsClusterFact]
    public async Task A_logout_at_one_node_is_one_at_both_and_at_the_provider()
    {
        await cluster.IsWholeAsync();
        using var browser = new Browser(cluster);
        var callback = await browser.ThroughProviderAsync(await browser.GetAsync("auth-2", "/oidc/login?room=leaving"));
        Assert.Contains("?jwt=", (await browser.GetAsync("auth-1", callback)).Location, StringComparison.Ordinal);

        var leaving = await browser.GetAsync("auth-2", "/oidc/logout");
        Assert.StartsWith(cluster.Provider.Issuer + "/end?", leaving.Location);
        Assert.Contains("id_token_hint=", leaving.Location, StringComparison.Ordinal);
        foreach (var node in cluster.Mesh.Nodes("auth")) Assert.DoesNotContain("id_token_hint=", (await browser.GetAsync(node, "/oidc/logout")).Location, StringComparison.Ordinal);
    }

    [NeedsClusterFact]
    public async Task Both_auth_nodes_count_logins_of_an_address_together_and_do_not_ask_the_provider_beyond()
    {
        await cluster.IsWholeAsync();
        using var browser = new Browser(cluster) { Address = "2a00:1:2:3::1" };
        var statuses = new List<HttpStatusCode>();
        var asked = cluster.Provider.Questions;
        for (var i = 0; i < 200; i++)
        {
            browser.Address = FormattableString.Invariant($"2a00:1:2:3::{i + 1:x}");
            statuses.Add((await browser.GetAsync(i % 2 == 0 ? "auth-1" : "auth-2", "/oidc/callback?code=made-up&state=made-up")).Status);
        }

        Assert.Equal(120, statuses.TakeWhile(status => status == HttpStatusCode.BadRequest).Count());
        Assert.All(statuses.Skip(120), status => Assert.Equal(HttpStatusCode.TooManyRequests, status));
        Assert.Equal(asked, cluster.Provider.Questions);
        foreach (var node in cluster.Mesh.Nodes("auth")) Assert.Equal(40, await cluster.CountAsync(node, "oidc_too_often"));
        browser.Address = "2a00:1:2:4::1";
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("auth-1", "/oidc/login?room=others")).Status);
    }

    private static (HttpStatusCode Status, string? Sentence) Told(Answer answer) => (answer.Status, answer.Sentence);

    private sealed record Answer(HttpStatusCode Status, string? Location, string? Sentence);

    /// <summary>Cookies of the public address by name, whichever node answers, as through the edge.</summary>
    private sealed class Browser(OpenIdCluster cluster) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        private readonly Dictionary<string, (string Path, string Value)> _cookies = new(StringComparer.Ordinal);

        /// <summary>That the edge tells the node.</summary>
        public string Address { get; set; } = "198.51.100.7";

        public Browser Copy()
        {
            var copy = new Browser(cluster) { Address = Address };
            foreach (var (name, cookie) in _cookies) copy._cookies[name] = cookie;
            return copy;
        }

        /// <returns>The way back, without the public address.</returns>
        public async Task<string> ThroughProviderAsync(Answer begun)
        {
            using var response = await _http.GetAsync(new Uri(begun.Location!));
            var back = response.Headers.Location!.OriginalString;
            Assert.StartsWith(cluster.Mesh.Cluster.Url + "/oidc/callback?", back);
            return back[cluster.Mesh.Cluster.Url.Length..];
        }

        public async Task<Answer> GetAsync(string node, string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, FormattableString.Invariant($"http://127.0.0.1:{cluster.Mesh.Cluster.InnerPorts[node]}{path}"));
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", Address);
            request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
            var sent = _cookies.Where(cookie => path.StartsWith(cookie.Value.Path, StringComparison.Ordinal)).Select(cookie => $"{cookie.Key}={cookie.Value.Value}").ToList();
            if (sent.Count > 0) request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", sent));
            using var response = await _http.SendAsync(request);
            foreach (var set in response.Headers.TryGetValues("Set-Cookie", out var all) ? all : []) Keep(set);
            var body = await response.Content.ReadAsStringAsync();
            var sentence = Regex.Match(body, "data-testid=\"login-refused\">([^<]+)<");
            return new Answer(response.StatusCode, response.Headers.Location?.OriginalString, sentence.Success ? WebUtility.HtmlDecode(sentence.Groups[1].Value) : null);
        }

        public void Dispose() => _http.Dispose();

        private void Keep(string set)
        {
            var parts = set.Split(';', StringSplitOptions.TrimEntries);
            var equals = parts[0].IndexOf('=', StringComparison.Ordinal);
            var path = parts.FirstOrDefault(part => part.StartsWith("path=", StringComparison.OrdinalIgnoreCase))?[5..] ?? "/";
            if (parts[0].Length == equals + 1) _cookies.Remove(parts[0][..equals]);
            else _cookies[parts[0][..equals]] = (path, parts[0][(equals + 1)..]);
        }
    }
}

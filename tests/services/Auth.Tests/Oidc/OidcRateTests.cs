using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using JitsiMesh.Auth.Oidc;
using JitsiMesh.Auth.Oidc.Logins;
using JitsiMesh.Auth.Oidc.Provider;
using JitsiMesh.Auth.Tests.Oidc.Kit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Auth.Tests.Oidc;

/// <summary>The login's addresses under a flood, as the edge forwards it.</summary>
[Collection(OidcTurns.Name)]
public sealed class OidcRateTests
{
    private const string Ann = "198.18.0.1";
    private static readonly OidcBudgetSizes Sizes = new() { OfAddress = 3, InAll = 1_000 };

    [Theory]
    [InlineData("/oidc/login?room=standup", "You are not logged in")]
    [InlineData("/oidc/callback?code=c&state=s", "You are not logged in")]
    [InlineData("/oidc/logout", "You are still logged in")]
    public async Task One_address_gets_429_with_a_sentence_and_others_go_on(string path, string title)
    {
        using var folder = new Folder();
        using var outcomes = new Outcomes();
        await using var provider = await HostileProvider.StartAsync();
        var asked = 0;
        provider.Token = () =>
        {
            Interlocked.Increment(ref asked);
            return Reply.Json(new JsonObject(), 500);
        };
        await using var host = await OidcHost.StartBoundedAsync(provider.Issuer, folder.Path, Sizes, null, null);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        for (var i = 0; i < Sizes.OfAddress; i++) Assert.NotEqual(HttpStatusCode.TooManyRequests, (await GetAsync(http, host, path, Ann)).Status);

        // Nothing that the client says itself takes it out: the edge's own word is the last.
        foreach (var forwarded in (string[])[Ann, "127.0.0.1, " + Ann, "198.18.7.7," + Ann, "::ffff:" + Ann])
        {
            var refused = await GetAsync(http, host, path, forwarded);
            Assert.Equal((HttpStatusCode.TooManyRequests, "60", title, "Too many logins came from your network within a minute: wait a minute, and try again."), refused);
        }

        Assert.Equal(4, outcomes["oidc_too_often"]);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await GetAsync(http, host, path, "198.18.0.2")).Status);
        Assert.Equal(0, asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Beginnings_of_many_networks_shut_others_out_only_where_each_costs_the_provider_a_request(bool takesPushed)
    {
        using var folder = new Folder();
        using var outcomes = new Outcomes();
        await using var provider = await HostileProvider.StartAsync();
        var pushed = 0;
        var answer = provider.Pushed;
        provider.Pushed = () =>
        {
            Interlocked.Increment(ref pushed);
            return answer();
        };
        if (takesPushed)
        {
            provider.Describe = description =>
            {
                description["pushed_authorization_request_endpoint"] = provider.Issuer.OriginalString + "/par";
                return description;
            };
        }

        await using var host = await OidcHost.StartBoundedAsync(provider.Issuer, folder.Path, new OidcBudgetSizes { OfAddress = 3, InAll = 5 }, null, null);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        await DescribedAsync(host);
        for (var i = 0; i < 12; i++)
        {
            var (status, after, _, sentence) = await GetAsync(http, host, "/oidc/login?room=standup", "198.18.1." + (i / 3));
            if (!takesPushed || i < 5) Assert.Equal(HttpStatusCode.Redirect, status);
            else Assert.Equal((HttpStatusCode.TooManyRequests, "60", true), (status, after, sentence is not null));
        }

        // One network over its own limit is refused by that, whatever the provider takes.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await GetAsync(http, host, "/oidc/login?room=standup", "198.18.1.0")).Status);
        Assert.Equal((takesPushed ? 5 : 0, takesPushed ? 7 : 0, 1), (pushed, outcomes["oidc_busy"], outcomes["oidc_too_often"]));
    }

    [Fact]
    public async Task An_ipv6_network_counts_as_one_client()
    {
        using var folder = new Folder();
        await using var provider = await HostileProvider.StartAsync();
        await using var host = await OidcHost.StartBoundedAsync(provider.Issuer, folder.Path, Sizes, null, null);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        for (var i = 0; i < Sizes.OfAddress; i++) Assert.NotEqual(HttpStatusCode.TooManyRequests, (await GetAsync(http, host, "/oidc/logout", $"2a00:1:2:3::{i + 1:x}")).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await GetAsync(http, host, "/oidc/logout", "2a00:1:2:3:ffff::9")).Status);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await GetAsync(http, host, "/oidc/logout", "2a00:1:2:4::1")).Status);
    }

    [Theory]
    // peer | X-Forwarded-For | whom it counts to
    [InlineData("127.0.0.1", "8.8.8.8", "8.8.8.8")]
    [InlineData("10.1.2.3", "1.1.1.1, 8.8.8.8", "8.8.8.8")]
    [InlineData("::ffff:172.18.0.5", "8.8.8.8", "8.8.8.8")]
    [InlineData("fd00::5", "2a00:1:2:3::9", "2a00:1:2:3::")]
    [InlineData("9.9.9.1", "8.8.8.8", "8.8.8.8")]
    [InlineData("9.9.8.1", "8.8.8.8", "9.9.8.1")]
    [InlineData("2a00:1:2:3::9", "8.8.8.8", "2a00:1:2:3::")]
    [InlineData("8.8.8.8", "", "8.8.8.8")]
    [InlineData("10.1.2.3", "8.8.8.8, nonsense", "10.1.2.3")]
    [InlineData("10.1.2.3", "", "10.1.2.3")]
    [InlineData("10.1.2.3", "9.9.9.7", null)]
    [InlineData("9.9.9.7", "", null)]
    public void An_untrusted_peer_is_not_believed_whom_it_stands_for(string peer, string forwarded, string? counted)
    {
        var proxies = (IPNetwork[])[IPNetwork.Parse("9.9.9.0/24")];
        var plain = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(counted ?? "0.0.0.0") } };
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(peer) } };
        if (forwarded.Length > 0) context.Request.Headers["X-Forwarded-For"] = forwarded;
        Assert.Equal(counted is null ? null : OidcClient.Of(plain, proxies), OidcClient.Of(context, proxies));
    }

    [Theory]
    [InlineData("2a00:1:2:3::9", "2a00:1:2:3::1", true, true)]
    [InlineData("2a00:1:2:3::9", "2a00:1:2:4::9", false, true)]
    [InlineData("2a00:1:2:3::9", "2a00:1:3:3::9", false, false)]
    [InlineData("8.8.8.8", "8.8.8.9", false, true)]
    [InlineData("::ffff:8.8.8.8", "8.8.8.8", true, true)]
    [InlineData("8.8.8.8", "8.8.9.8", false, false)]
    public void Addresses_of_one_customer_are_of_one_network(string one, string other, bool sameAddress, bool sameNetwork)
    {
        var (a, b) = (OriginOf(one), OriginOf(other));
        Assert.Equal((sameAddress, sameNetwork), (a.Address == b.Address, a.Network == b.Network));

        static OidcOrigin OriginOf(string address) => OidcClient.Of(new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } }, [])!;
    }

    /// <summary>Waits until the provider has been asked once, which on a busy machine may take longer than a login waits.</summary>
    private static async Task DescribedAsync(OidcHost host)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await host.Services.GetRequiredService<OidcProvider>().DescribeAsync(default);
                return;
            }
            catch (OidcRefusedException) when (tries < 100)
            {
                await Task.Delay(OidcLimits.DownTime);
            }
        }
    }

    private static async Task<(HttpStatusCode Status, string? RetryAfter, string? Title, string? Sentence)> GetAsync(HttpClient http, OidcHost host, string path, string forwarded)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, path));
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        string? Part(string pattern) => Regex.Match(body, pattern) is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;
        return (response.StatusCode, response.Headers.TryGetValues("Retry-After", out var after) ? after.Single() : null, Part("<h1>([^<]*)<"), Part("data-testid=\"login-refused\">([^<]*)<"));
    }
}

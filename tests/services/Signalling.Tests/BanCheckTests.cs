using System.Net;
using System.Text;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests;

/// <summary>The access manager that says who is banned (mod_muc_auth_ban), a good one and hostile ones.</summary>
public sealed class BanCheckTests
{
    [Theory]
    [InlineData("""{"access":true}""", "admitted")]
    [InlineData("""{"access":false}""", "not-allowed user is banned")]
    public async Task It_says_who_may_come_in(string answer, string outcome)
    {
        await using var server = await WebServer.StartAsync(200, answer);
        Assert.Equal(outcome, await AdmitAsync(server.Url + "/access"));
        Assert.Equal(new WebServer.Request("GET /access", "", "Bearer token", ""), Assert.Single(server.Requests));
    }

    [Theory]
    // status | answer | comes in where it fails open
    [InlineData(500, "")]
    [InlineData(403, """{"access":false}""")]
    [InlineData(200, "")]
    [InlineData(200, "{}")]
    [InlineData(200, """{"access":"maybe"}""")]
    [InlineData(200, """[{"access":false}]""")]
    [InlineData(200, """{"access":false,"access":false}""")]
    public async Task Any_other_answer_is_none_and_the_setting_says_what_that_means(int status, string answer)
    {
        await using var server = await WebServer.StartAsync(status, answer);
        Assert.Equal("admitted", await AdmitAsync(server.Url));
        Assert.Equal("temporary-auth-failure", await AdmitAsync(server.Url, failsOpen: false));
    }

    [Fact]
    public async Task A_slow_endless_or_leading_one_is_none()
    {
        await using var slow = await WebServer.StartAsync((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        Assert.Equal("temporary-auth-failure", await AdmitAsync(slow.Url, failsOpen: false, timeout: TimeSpan.FromMilliseconds(200)));
        await using var endless = await WebServer.StartAsync(async (context, _) =>
        {
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.WriteAsync(new string(' ', 4096), context.RequestAborted);
        });
        Assert.Equal("temporary-auth-failure", await AdmitAsync(endless.Url, failsOpen: false));
        await using var welcome = await WebServer.StartAsync(200, """{"access":true}""");
        await using var leading = await WebServer.StartAsync((context, _) =>
        {
            context.Response.Redirect(welcome.Url);
            return Task.CompletedTask;
        });
        Assert.Equal("temporary-auth-failure", await AdmitAsync(leading.Url, failsOpen: false));
        Assert.Empty(welcome.Requests);
        await welcome.DisposeAsync();
        Assert.Equal("temporary-auth-failure", await AdmitAsync(leading.Url, failsOpen: false));
    }

    [Fact]
    public async Task A_ban_is_remembered_and_a_welcome_is_not()
    {
        await using var banning = await WebServer.StartAsync(200, """{"access":false}""");
        using var bans = Check(banning.Url);
        for (var i = 0; i < 3; i++) Assert.Equal(BanVerdict.Banned, await bans.CheckAsync("token", CancellationToken.None));
        Assert.Single(banning.Requests);
        Assert.Equal(BanVerdict.Banned, await bans.CheckAsync("another", CancellationToken.None));
        Assert.Equal(2, banning.Requests.Count);
        await using var welcoming = await WebServer.StartAsync(200, """{"access":true}""");
        using var open = Check(welcoming.Url);
        for (var i = 0; i < 3; i++) Assert.Equal(BanVerdict.Welcome, await open.CheckAsync("token", CancellationToken.None));
        Assert.Equal(3, welcoming.Requests.Count);
    }

    [Fact]
    public async Task Bans_that_are_remembered_are_bounded()
    {
        await using var server = await WebServer.StartAsync(200, """{"access":false}""");
        using var bans = Check(server.Url);
        for (var i = 0; i <= SignallingLimits.BannedTokens; i++) await bans.CheckAsync($"t{i}", CancellationToken.None);
        await bans.CheckAsync("t0", CancellationToken.None);
        Assert.Equal(SignallingLimits.BannedTokens + 2, server.Requests.Count);
    }

    [Fact]
    public async Task Questions_at_once_are_bounded()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await HeldAsync(open.Task, """{"access":true}""");
        using var bans = Check(server.Url, failsOpen: false, timeout: TimeSpan.FromSeconds(30));
        var waiting = Enumerable.Range(0, SignallingLimits.AccessChecks).Select(i => bans.CheckAsync($"t{i}", CancellationToken.None).AsTask()).ToList();
        Assert.Equal(BanVerdict.Unknown, await bans.CheckAsync("one more", CancellationToken.None));
        open.SetResult();
        Assert.All(await Task.WhenAll(waiting), verdict => Assert.Equal(BanVerdict.Welcome, verdict));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_questions_about_one_token_are_one_and_no_way_around_its_ban(bool failsOpen)
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await HeldAsync(open.Task, """{"access":false}""");
        using var bans = Check(server.Url, failsOpen: failsOpen, timeout: TimeSpan.FromSeconds(30));
        var waiting = Enumerable.Range(0, 2 * SignallingLimits.AccessChecks).Select(_ => bans.CheckAsync("banned", CancellationToken.None).AsTask()).ToList();
        open.SetResult();
        Assert.All(await Task.WhenAll(waiting), verdict => Assert.Equal(BanVerdict.Banned, verdict));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Beyond_the_bound_nobody_comes_in_where_no_answer_lets_people_in()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await HeldAsync(open.Task, """{"access":true}""");
        using var bans = Check(server.Url, failsOpen: true, timeout: TimeSpan.FromSeconds(30));
        var waiting = Enumerable.Range(0, SignallingLimits.AccessChecks).Select(i => bans.CheckAsync($"t{i}", CancellationToken.None).AsTask()).ToList();
        Assert.Equal(BanVerdict.Unknown, await bans.CheckAsync("one more", CancellationToken.None));
        open.SetResult();
        await Task.WhenAll(waiting);
    }

    [Theory]
    // token | verified | asked
    [InlineData("", false)]
    [InlineData("unverified", false)]
    [InlineData("refused", false)]
    [InlineData("token", true)]
    public async Task Only_about_people_with_a_good_token_it_is_asked(string token, bool asked)
    {
        await using var server = await WebServer.StartAsync(200, """{"access":false}""");
        using var bans = Check(server.Url);
        await new BanCheckedAdmission(new Logins(), bans).AdmitAsync(new AdmissionRequest { Host = "meet.jitsi", Mechanism = "ANONYMOUS", Token = token }, CancellationToken.None);
        Assert.Equal(asked ? 1 : 0, server.Requests.Count);
    }

    [Fact]
    public async Task Over_a_whole_service_somebody_banned_gets_in_by_no_door()
    {
        await using var server = await WebServer.StartAsync(200, """{"access":false}""");
        await using var host = await SignallingHost.StartAsync(new Logins(), [("MESH_ACCESS_MANAGER_URL", server.Url)]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/conference-request/v1") { Content = new StringContent("""{"room":"call@muc.meet.jitsi","machineUid":"m"}""", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer token");
        using var response = await http.SendAsync(request);
        Assert.Equal((HttpStatusCode.Forbidden, "Forbidden: user is banned"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Empty(host.Asked);

        using var eve = await SocketClient.DialAsync(host.Port, "/xmpp-websocket?room=call&token=token");
        await eve.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        await eve.UntilAsync("<features xmlns='http://etherx.jabber.org/streams'/>");
        await eve.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        Assert.Equal("user is banned", (await eve.UntilAsync("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-allowed/></failure>")).Child("text")!.Text);
    }

    private static Task<WebServer> HeldAsync(Task open, string answer) => WebServer.StartAsync(async (context, _) =>
    {
        await open;
        await WebServer.SayAsync(context, 200, answer);
    });

    private static BanCheck Check(string url, bool failsOpen = true, TimeSpan? timeout = null) =>
        new(new BanCheckOptions { Address = new Uri(url), FailsOpen = failsOpen, Timeout = timeout ?? TimeSpan.FromSeconds(20) }, new MeshClock(TimeProvider.System), new SignallingMetrics(), NullLogger<BanCheck>.Instance);

    private static async Task<string> AdmitAsync(string url, bool failsOpen = true, TimeSpan? timeout = null)
    {
        using var bans = Check(url, failsOpen, timeout);
        var result = await new BanCheckedAdmission(new Logins(), bans).AdmitAsync(new AdmissionRequest { Host = "meet.jitsi", Mechanism = "ANONYMOUS", Token = "token" }, CancellationToken.None);
        return result is AdmissionResult.Refused refused ? $"{refused.Condition} {refused.Text}".TrimEnd() : "admitted";
    }

    private sealed class Logins : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) => ValueTask.FromResult<AdmissionResult>(request.Token switch
        {
            "token" => new AdmissionResult.Admitted("", new SessionContext { Identity = "u", Claims = new TokenClaims("*", false, "*", null) }),
            "refused" => new AdmissionResult.Refused("not-allowed"),
            _ => new AdmissionResult.Admitted("", SessionContext.Empty),
        });
    }
}

using System.Net;
using System.Text;
using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>A conference request over HTTP is let in as a session would be that brings the same token.</summary>
public sealed class HttpAdmissionTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public async Task What_the_token_says_goes_to_focus_with_the_request()
    {
        await using var host = await SignallingHost.StartAsync(new Decisions { OfToken = _ => new AdmissionResult.Admitted("", new SessionContext { Identity = "u-1", Moderator = true, Claims = new TokenClaims("call", false, "*", null) }) });

        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(host, "Bearer good"));

        var origin = Assert.Single(host.Requests).Origin!;
        Assert.EndsWith("@meet.jitsi/http", origin.RealJid, StringComparison.Ordinal);
        Assert.Equal(("u-1", true, "good", "call"), (origin.Session.Identity, origin.Session.Moderator, origin.Session.Token, origin.Session.Room));
        Assert.Equal("call", origin.Session.Claims!.Room);
    }

    [Theory]
    [InlineData("Bearer bad")]
    [InlineData("bad")]
    public async Task A_refused_token_is_told_with_its_text_and_nothing_reaches_focus(string authorization)
    {
        // A guest domain beside it does not let in who has a bad token.
        await using var host = await SignallingHost.StartAsync(new Decisions { OfToken = _ => new AdmissionResult.Refused("not-allowed", "Invalid signature"), HasGuests = true });

        Assert.Equal((HttpStatusCode.Forbidden, false), await AskAsync(host, authorization, text => Assert.Equal("Forbidden: Invalid signature", text)));
        Assert.Empty(host.Requests);
    }

    [Fact]
    public async Task Without_a_token_where_one_is_needed_the_answer_is_403()
    {
        await using var host = await SignallingHost.StartAsync(new Decisions { OfToken = _ => new AdmissionResult.Refused("not-allowed", "token required") });

        Assert.Equal((HttpStatusCode.Forbidden, false), await AskAsync(host, null, text => Assert.Equal("Forbidden: token required", text)));
        Assert.Empty(host.Requests);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(null, false)]
    [InlineData("Bearer meaningless", false)]
    public async Task Who_brings_no_token_that_counts_is_a_guest_of_the_guest_domain(string? authorization, bool mainTakesTokens)
    {
        await using var host = await SignallingHost.StartAsync(new Decisions { OfToken = mainTakesTokens ? _ => new AdmissionResult.Refused("not-allowed", "token required") : null, HasGuests = true });

        Assert.Equal((HttpStatusCode.OK, true), await AskAsync(host, authorization));

        var origin = Assert.Single(host.Requests).Origin!;
        Assert.EndsWith("@guest.meet.jitsi/http", origin.RealJid, StringComparison.Ordinal);
        Assert.Null(origin.Session.Identity);
        Assert.Null(origin.Session.Claims);
    }

    [Fact]
    public async Task Where_people_log_in_with_passwords_and_there_are_no_guests_nobody_comes_in_over_HTTP()
    {
        await using var host = await SignallingHost.StartAsync(new Decisions());

        Assert.Equal((HttpStatusCode.Forbidden, false), await AskAsync(host, null));
        Assert.Empty(host.Requests);
    }

    [Fact]
    public async Task While_auth_does_not_answer_the_client_is_told_to_come_again()
    {
        await using var host = await SignallingHost.StartAsync(new Decisions { OfToken = _ => new AdmissionResult.Refused("temporary-auth-failure"), HasGuests = true });

        Assert.Equal((HttpStatusCode.OK, false), await AskAsync(host, "Bearer good"));
        Assert.Empty(host.Requests);
    }

    private static async Task<(HttpStatusCode Status, bool Ready)> AskAsync(SignallingHost host, string? authorization, Action<string>? look = null)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/conference-request/v1") { Content = new StringContent($$"""{"room":"{{Call}}","machineUid":"m"}""", Encoding.UTF8, "application/json") };
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        look?.Invoke(text);
        if (response.StatusCode != HttpStatusCode.OK) return (response.StatusCode, false);
        using var json = JsonDocument.Parse(text);
        return (response.StatusCode, json.RootElement.GetProperty("ready").GetBoolean());
    }

    /// <summary>The main domain takes tokens where a decision about them is given; the guest domain takes guests where there are some.</summary>
    private sealed class Decisions : IAdmission
    {
        public Func<string, AdmissionResult>? OfToken { get; init; }

        public bool HasGuests { get; init; }

        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>([]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation)
        {
            Assert.Equal("ANONYMOUS", request.Mechanism);
            return ValueTask.FromResult(request.Host switch
            {
                "meet.jitsi" when OfToken is not null => OfToken(request.Token),
                "guest.meet.jitsi" when HasGuests => new AdmissionResult.Admitted("", SessionContext.Empty),
                _ => new AdmissionResult.Refused("invalid-mechanism"),
            });
        }
    }
}

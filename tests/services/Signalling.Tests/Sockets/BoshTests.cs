using System.Net;
using JitsiMesh.Kit.Clients;
using JitsiMesh.Signalling.Bosh;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>The whole service over BOSH: the same sessions as over a WebSocket.</summary>
public sealed class BoshTests(SignallingHostFixture fixture) : IClassFixture<SignallingHostFixture>
{
    private readonly SignallingHost _host = fixture.Host;

    [Fact]
    public async Task People_over_BOSH_and_over_a_WebSocket_meet_in_a_room_and_chat()
    {
        const string Call = "bosh0@muc.meet.jitsi";
        await using var ann = await BoshClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(_host.Port);
        await bob.JoinAsync(Call);
        await ann.UntilAsync($"<presence from='{Call}/{bob.Nick}'/>");
        await ann.SendAsync($"<message type='groupchat' to='{Call}'><body>hello</body></message>");
        await bob.UntilAsync($"<message type='groupchat' from='{Call}/{ann.Nick}'><body>hello</body></message>");
        await bob.SendAsync($"<message type='groupchat' to='{Call}'><body>and you</body></message>");
        await ann.UntilAsync($"<message type='groupchat' from='{Call}/{bob.Nick}'><body>and you</body></message>");
        await ann.SendAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        await bob.UntilAsync($"<presence type='unavailable' from='{Call}/{ann.Nick}'/>");
        Assert.Equal("", await ann.EndAsync());
    }

    [Fact]
    public async Task The_first_answer_has_the_terms_that_clients_look_for()
    {
        await using var ann = await BoshClient.ConnectAsync(_host.Port);
        var created = ann.Wire.Created!;
        Assert.Equal(("40", "1", "2", "60", "5", "1.6", "meet.jitsi"), (created["wait"], created["hold"], created["requests"], created["inactivity"], created["polling"], created["ver"], created["from"]));
        Assert.Equal("1.0", created.Get("version", Namespaces.XmppBosh));
        Assert.NotNull(created["authid"]);

        // 128 random bits.
        Assert.Matches("^([0-9a-f]{10}-)?[0-9a-f]{32}$", ann.Wire.SessionId!);
    }

    [Fact]
    public async Task What_the_address_of_the_first_request_says_counts_for_the_session()
    {
        var admission = new Noting();
        await using var host = await SignallingHost.StartAsync(admission);
        await using var ann = await BoshClient.ConnectAsync(host.Port, "/acme/http-bind?room=Call&token=a.b.c");
        Assert.Equal(("call", "acme", "a.b.c"), (admission.Last!.Room, admission.Last.Tenant, admission.Last.Token));
        var session = Assert.Single(host.Services.GetRequiredService<SessionRegistry>().Sessions).Session;
        Assert.Equal(("call", "acme", "a.b.c"), (session.Info.Context.Room, session.Info.Context.Tenant, session.Info.Context.Token));
    }

    [Fact]
    public async Task A_login_that_is_refused_is_told_its_reason_and_a_third_one_ends_the_session()
    {
        await using var host = await SignallingHost.StartAsync(new Noting { Refusal = new AdmissionResult.Refused("not-allowed", "token required") });
        await using var ann = new BoshClient(new BoshWire(BoshClient.Address(host.Port)));
        await ann.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        for (var i = 0; i < SignallingLimits.AuthenticationTries; i++)
        {
            await ann.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
            await ann.UntilAsync("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-allowed/><text>token required</text></failure>");
        }

        await ann.UntilAsync("<error xmlns='http://etherx.jabber.org/streams'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
        Assert.Equal("remote-stream-error", await ann.EndAsync());
    }

    [Fact]
    public async Task A_host_that_is_not_here_is_said_to_be_unknown()
    {
        await using var ann = new BoshClient(new BoshWire(BoshClient.Address(_host.Port)));
        await ann.SendAsync("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='elsewhere.example' version='1.0'/>");
        Assert.Equal("host-unknown", await ann.EndAsync());
    }

    [Fact]
    public async Task A_session_whose_WebSocket_was_cut_is_resumed_over_BOSH()
    {
        const string Call = "bosh1@muc.meet.jitsi";
        using var ann = await SocketClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(_host.Port);
        await bob.JoinAsync(Call);
        bob.Cut();
        await ann.SendAsync($"<message type='groupchat' to='{Call}' id='missed'><body>are you there?</body></message>");
        await ann.UntilAsync("<message type='groupchat' id='missed'/>");

        await using var again = new BoshClient(new BoshWire(BoshClient.Address(_host.Port, $"/http-bind?room=call&previd={bob.ResumeId}")));
        await again.LogInAsync();
        await again.SendAsync($"<resume xmlns='urn:xmpp:sm:3' h='0' previd='{bob.ResumeId}'/>");
        await again.UntilAsync($"<resumed xmlns='urn:xmpp:sm:3' previd='{bob.ResumeId}' h='2'/>");
        await again.UntilAsync("<message type='groupchat' id='missed'><body>are you there?</body><delay xmlns='urn:xmpp:delay'/></message>");
        await again.SendAsync($"<message type='groupchat' to='{Call}'><body>yes</body></message>");
        await ann.UntilAsync($"<message type='groupchat' from='{Call}/{bob.Nick}'><body>yes</body></message>");
    }

    [Fact]
    public async Task Thousands_of_stanzas_come_in_order_and_in_few_answers()
    {
        const string Call = "bosh2@muc.meet.jitsi";
        const int Messages = 500;
        await using var ann = await BoshClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        var before = ann.Wire.NextRid;
        for (var i = 0; i < Messages; i++) await _host.FocusSaysAsync(Call, $"<message type='groupchat' to='{Call}' id='m{i}'><body>{new string('x', 2000)}</body></message>");
        for (var i = 0; i < Messages; i++) Assert.Equal($"m{i}", (await ann.UntilAsync("<message type='groupchat'/>"))["id"]);
        Assert.InRange(ann.Wire.NextRid - before, 1, Messages / 2);
    }

    [Fact]
    public async Task A_session_ends_with_its_account()
    {
        await using var ann = await BoshClient.ConnectAsync(_host.Port);
        var sessions = _host.Services.GetRequiredService<SessionRegistry>();
        Assert.Equal(1, sessions.Revoke(ann.FullJid.Split('/')[0]));
        await ann.UntilAsync("<error xmlns='http://etherx.jabber.org/streams'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
        Assert.Equal("remote-stream-error", await ann.EndAsync());
    }

    [Fact]
    public async Task A_node_that_stops_says_so_to_the_requests_that_are_held()
    {
        var host = await SignallingHost.StartAsync();
        await using var ann = await BoshClient.ConnectAsync(host.Port);
        await ann.SendAsync("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        await ann.UntilAsync("<iq type='result' id='p'/>");
        await host.DisposeAsync();
        Assert.Contains(await ann.EndAsync(), (string[])["system-shutdown", "request-failed"]);
    }

    [Fact]
    public async Task Pages_of_other_origins_may_use_it_and_a_browser_gets_a_page()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_host.Port}") };
        using var options = await http.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/http-bind?room=a"));
        Assert.Equal(HttpStatusCode.OK, options.StatusCode);
        Assert.Equal("*", options.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("POST", options.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        Assert.Contains("Content-Type", options.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);

        using var page = await http.GetAsync("/acme/http-bind");
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));

        using var answer = await http.PostAsync("/http-bind", new StringContent("<body rid='1' xmlns='http://jabber.org/protocol/httpbind'/>"));
        Assert.Equal(("text/xml", "utf-8"), (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentType.CharSet));
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("X-Jitsi-Shard", answer.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_WebSockets_their_door_is_closed_and_BOSH_works()
    {
        await using var host = await SignallingHost.StartAsync(settings: [("ENABLE_XMPP_WEBSOCKET", "0")]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/xmpp-websocket")).StatusCode);
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => SocketClient.DialAsync(host.Port));
        await using var ann = await BoshClient.ConnectAsync(host.Port);
        await ann.JoinAsync("bosh3@muc.meet.jitsi");
    }

    private sealed class Noting : IAdmission
    {
        public AdmissionRequest? Last { get; private set; }

        public AdmissionResult.Refused? Refusal { get; init; }

        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation)
        {
            Last = request;
            return ValueTask.FromResult<AdmissionResult>(Refusal is null ? new AdmissionResult.Admitted("", Contracts.Links.SessionContext.Empty) : Refusal);
        }
    }
}

using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>The whole service over real sockets: what the cores cannot show.</summary>
public sealed class RealSocketTests(SignallingHostFixture fixture) : IClassFixture<SignallingHostFixture>
{
    private readonly SignallingHost _host = fixture.Host;

    [Fact]
    public async Task Two_clients_meet_in_a_room_and_chat()
    {
        const string Call = "call0@muc.meet.jitsi";
        using var ann = await SocketClient.ConnectAsync(_host.Port);
        Assert.Equal("xmpp", ann.SubProtocol);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(_host.Port, "/acme/xmpp-websocket?room=call");
        await bob.JoinAsync(Call);
        await ann.UntilAsync($"<presence from='{Call}/{bob.Nick}'/>");
        await bob.SendAsync($"<message type='groupchat' to='{Call}'><body>hello</body></message>");
        await ann.UntilAsync($"<message type='groupchat' from='{Call}/{bob.Nick}'><body>hello</body></message>");
        await bob.SendAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        await ann.UntilAsync($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");
    }

    [Fact]
    public async Task A_cut_connection_is_resumed_and_nobody_sees_a_leave()
    {
        const string Call = "call1@muc.meet.jitsi";
        using var ann = await SocketClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(_host.Port);
        await bob.JoinAsync(Call);
        bob.Cut();
        await ann.SendAsync($"<message type='groupchat' to='{Call}' id='missed'><body>are you there?</body></message>");
        await ann.UntilAsync("<message type='groupchat' id='missed'/>");

        using var again = await SocketClient.DialAsync(_host.Port, $"/xmpp-websocket?room=call&previd={bob.ResumeId}");
        await again.LogInAsync();
        await again.SendAsync($"<resume xmlns='urn:xmpp:sm:3' h='0' previd='{bob.ResumeId}'/>");
        await again.UntilAsync($"<resumed xmlns='urn:xmpp:sm:3' previd='{bob.ResumeId}' h='2'/>");
        await again.UntilAsync("<message type='groupchat' id='missed'><body>are you there?</body><delay xmlns='urn:xmpp:delay'/></message>");
        await again.SendAsync($"<message type='groupchat' to='{Call}'><body>yes</body></message>");
        await ann.UntilAsync($"<message type='groupchat' from='{Call}/{bob.Nick}'><body>yes</body></message>");
    }

    [Fact]
    public async Task A_session_that_missed_more_than_a_slow_socket_may_be_behind_is_resumed_all_the_same()
    {
        const string Call = "call6@muc.meet.jitsi";
        using var ann = await SocketClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(_host.Port);
        await bob.JoinAsync(Call);
        bob.Cut();
        var text = new string('x', 200_000);
        var messages = (SignallingLimits.OutgoingOctets / text.Length) + 10;
        for (var i = 0; i < messages; i++)
        {
            await _host.FocusSaysAsync(Call, $"<message type='groupchat' to='{Call}' id='m{i}'><body>{text}</body></message>");
            await ann.UntilAsync($"<message type='groupchat' id='m{i}'/>");
            // What ann has got is acknowledged, or her own session would end at its bound.
            if (i >= messages / 2) await ann.SendAsync("<a xmlns='urn:xmpp:sm:3' h='10'/>");
        }

        using var again = await SocketClient.DialAsync(_host.Port, $"/xmpp-websocket?room=call&previd={bob.ResumeId}");
        await again.LogInAsync();
        await again.SendAsync($"<resume xmlns='urn:xmpp:sm:3' h='0' previd='{bob.ResumeId}'/>");
        await again.UntilAsync($"<resumed xmlns='urn:xmpp:sm:3' previd='{bob.ResumeId}'/>");
        await again.UntilAsync($"<message type='groupchat' id='m{messages - 1}'/>");
    }

    [Fact]
    public async Task A_client_that_talks_too_fast_is_slowed_down_and_nothing_is_refused()
    {
        using var loud = await SocketClient.ConnectAsync(_host.Port);
        var sent = SignallingLimits.StanzaBurst + (2 * SignallingLimits.StanzasPerSecond);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < sent; i++) await loud.SendAsync($"<iq type='get' id='p{i}' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        for (var i = 0; i < sent; i++) await loud.UntilAsync($"<iq type='result' id='p{i}'/>");
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_stanza_that_the_old_socket_hands_over_after_a_resume_is_not_handled_twice()
    {
        using var socket = new SlowSocket();
        var services = _host.Services;
        var stream = new XmppStream(services.GetRequiredService<StanzaRouter>(), new ClientRequest { Room = "call" }, services.GetRequiredService<OwnQueue>().Name, TimeSpan.FromSeconds(60));
        using var transport = new WebSocketTransport(socket, null);
        using var connection = new ClientConnection(transport, stream, services.GetRequiredService<ConnectionServices>(), () => { }, null);
        var running = connection.RunAsync(CancellationToken.None);
        const string Open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>";
        foreach (var frame in (string[])[Open, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", Open, "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "<enable xmlns='urn:xmpp:sm:3' resume='true'/>"]) socket.Says(frame);
        var resumeId = XmppParser.Parse(await socket.UntilAsync("<enabled"))["id"]!;

        using var again = await SocketClient.DialAsync(_host.Port, $"/xmpp-websocket?room=call&previd={resumeId}");
        await again.LogInAsync();
        await again.SendAsync($"<resume xmlns='urn:xmpp:sm:3' h='0' previd='{resumeId}'/>");
        await again.UntilAsync($"<resumed xmlns='urn:xmpp:sm:3' h='0'/>");
        socket.Says("<iq xmlns='jabber:client' type='get' id='late' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        socket.Closes();
        await running.WaitAsync(TimeSpan.FromSeconds(20));
        await again.SendAsync("<r xmlns='urn:xmpp:sm:3'/>");
        await again.UntilAsync("<a xmlns='urn:xmpp:sm:3' h='0'/>");
    }

    [Fact]
    public async Task A_frame_that_is_too_big_ends_its_sender_alone()
    {
        const string Call = "call2@muc.meet.jitsi";
        using var ann = await SocketClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        using var mallory = await SocketClient.ConnectAsync(_host.Port);
        await mallory.SendAsync($"<message type='groupchat' to='{Call}'><body>{new string('a', SignallingLimits.StanzaOctets)}</body></message>");
        await mallory.UntilAsync("<error xmlns='http://etherx.jabber.org/streams'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
        Assert.Null(await mallory.TryUntilAsync("<never/>"));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, mallory.CloseStatus);
        await ann.SendAsync("<iq type='get' id='p' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        await ann.UntilAsync("<iq type='result' id='p'/>");
    }

    [Fact]
    public async Task Plain_requests_get_the_page_the_keep_alive_and_health()
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_host.Port}") };
        var page = await http.GetAsync("/xmpp-websocket?room=call");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var unlock = await http.GetAsync("/_unlock?room=call");
        Assert.Equal(HttpStatusCode.OK, unlock.StatusCode);
        Assert.False(unlock.Headers.Contains("x-jitsi-shard"));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task A_conference_request_over_http_gets_the_answer_of_focus_as_json()
    {
        const string Call = "call4@muc.meet.jitsi";
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_host.Port}") };
        using var options = await http.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/conference-request/v1"));
        Assert.Equal(HttpStatusCode.OK, options.StatusCode);
        using var content = new StringContent($$"""{"room":"{{Call}}","machineUid":"m","properties":{"rtcstatsEnabled":false,"startAudioMuted":10} }""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("/conference-request/v1?room=call", content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.True(json.RootElement.GetProperty("ready").GetBoolean());
        Assert.Equal("focus@auth.meet.jitsi", json.RootElement.GetProperty("focusJid").GetString());
        Assert.Equal("false", json.RootElement.GetProperty("properties").GetProperty("authentication").GetString());
        foreach (var text in (string[])["{}", "{\"room\":\"\\ud800@muc.meet.jitsi\"}", "{\"room\":5}", $"{{\"room\":\"{Call}\",\"room\":\"{Call}\"}}", new string('[', 10_000), "{\"room\":\"jvbbrewery@internal-muc.meet.jitsi\"}"])
        {
            using var bad = new StringContent(text, Encoding.UTF8, "application/json");
            using var refused = await http.PostAsync("/conference-request/v1", bad);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.StartsWith("Bad request: ", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_debug_page_shows_rooms_and_ids_and_no_names()
    {
        const string Call = "call5@muc.meet.jitsi";
        using var ann = await SocketClient.ConnectAsync(_host.Port);
        await ann.JoinAsync(Call);
        await ann.SendAsync($"<presence to='{Call}/{ann.Nick}'><nick xmlns='http://jabber.org/protocol/nick'>Ann Secret</nick></presence>");
        await ann.UntilAsync($"<presence from='{Call}/{ann.Nick}'><nick xmlns='http://jabber.org/protocol/nick'/></presence>");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_host.Port}") };
        var text = await http.GetStringAsync("/debug/signalling");
        Assert.Contains(ann.Nick, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain(ann.FullJid, text, StringComparison.Ordinal);
    }
}

/// <summary>One host for all tests of a class; each test has a room of its own.</summary>
public sealed class SignallingHostFixture : IAsyncLifetime
{
    public SignallingHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await SignallingHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

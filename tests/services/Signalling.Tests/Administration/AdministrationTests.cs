using System.Net;
using System.Text;
using System.Threading.Channels;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Signalling.Administration;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Sockets;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Signalling.Tests.Administration;

/// <summary>What an operator's programs do to rooms over HTTP, with the routes and answers of Jitsi's modules (signalling reference, section 11).</summary>
public sealed class AdministrationTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Message = """{"room":"call@muc.meet.jitsi","connectionJIDs":["JID"],"message":"Mind the <gap>","displayName":"Operator"}""";

    [Theory]
    // method and path | body | token | status
    [InlineData("POST /end-meeting", null, "good", 400)]
    [InlineData("POST /end-meeting?conference=call", null, "good", 400)]
    [InlineData("POST /end-meeting?conference=call@lobby.meet.jitsi", null, "good", 400)]
    [InlineData("POST /end-meeting?conference=call@internal-muc.meet.jitsi", null, "good", 400)]
    [InlineData("POST /end-meeting?conference=call@muc.meet.jitsi", null, null, 401)]
    [InlineData("POST /end-meeting?conference=call@muc.meet.jitsi", null, "bad", 401)]
    [InlineData("POST /end-meeting?conference=call@muc.meet.jitsi", null, "lost", 503)]
    [InlineData("POST /end-meeting?conference=other@muc.meet.jitsi", null, "good", 404)]
    [InlineData("POST /end-meeting?conference=other@muc.meet.jitsi", null, "bad", 401)]
    [InlineData("PUT /kick-participant?room=call", null, "good", 400)]
    [InlineData("PUT /kick-participant?room=call", "{}", "good", 400)]
    [InlineData("PUT /kick-participant?room=call", """{"participantId":"a","number":"1"}""", "good", 400)]
    [InlineData("PUT /kick-participant", """{"participantId":"a"}""", "good", 400)]
    [InlineData("PUT /kick-participant?room=call", """{"participantId":"nobody"}""", "good", 404)]
    [InlineData("PUT /kick-participant?room=call", """{"participantId":"focus"}""", "good", 404)]
    [InlineData("PUT /kick-participant?room=call", """{"number":"+49"}""", "good", 404)]
    [InlineData("PUT /kick-participant?room=other", """{"participantId":"a"}""", "good", 404)]
    [InlineData("PUT /kick-participant?room=call&prefix=acme", """{"participantId":"a"}""", "good", 404)]
    [InlineData("PUT /kick-participant?room=call", """{"participantId":"a"}""", "bad", 403)]
    [InlineData("POST /send-system-chat-message", "nonsense", "good", 400)]
    [InlineData("POST /send-system-chat-message", """{"room":"call@muc.meet.jitsi","message":"x"}""", "good", 400)]
    [InlineData("POST /send-system-chat-message", """{"room":"call@muc.meet.jitsi","connectionJIDs":"x","message":"x"}""", "good", 400)]
    [InlineData("POST /send-system-chat-message", """{"room":"call@muc.meet.jitsi","connectionJIDs":[1],"message":"x"}""", "good", 400)]
    [InlineData("POST /send-system-chat-message", """{"room":"call@muc.meet.jitsi","connectionJIDs":[],"message":"\u0001"}""", "good", 400)]
    [InlineData("POST /send-system-chat-message", """{"room":"other@muc.meet.jitsi","connectionJIDs":[],"message":"x"}""", "good", 404)]
    [InlineData("POST /send-system-chat-message", """{"room":"other@muc.meet.jitsi","connectionJIDs":[],"message":"x"}""", "bad", 401)]
    [InlineData("POST /invite-jigasi", """{"conference":"call@muc.meet.jitsi","phoneNo":"+49"}""", "bad", 401)]
    [InlineData("POST /invite-jigasi", """{"conference":"call@muc.meet.jitsi"}""", "good", 400)]
    [InlineData("POST /invite-jigasi", """{"conference":"call@muc.meet.jitsi","phoneNo":"+49"}""", "good", 404)]
    [InlineData("GET /end-meeting?conference=call@muc.meet.jitsi", null, "good", 405)]
    public async Task What_is_wrong_is_said_as_Jitsis_modules_say_it(string request, string? body, string? token, int status)
    {
        await using var host = await StartAsync();
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        Assert.Equal(status, (int)(await AskAsync(host, request, body, token)).Status);
        await StillThereAsync(ann);
    }

    [Theory]
    [InlineData("POST /end-meeting?conference=call@muc.meet.jitsi", null)]
    [InlineData("POST /end-meeting", null)]
    [InlineData("PUT /kick-participant?room=call", """{"participantId":"a"}""")]
    [InlineData("POST /send-system-chat-message", Message)]
    [InlineData("POST /invite-jigasi", """{"conference":"call@muc.meet.jitsi","phoneNo":"+49"}""")]
    [InlineData("GET /room-size?room=call&domain=meet.jitsi", null)]
    [InlineData("GET /room?room=call&domain=meet.jitsi", null)]
    [InlineData("GET /sessions", null)]
    public async Task Where_nothing_is_set_up_there_are_no_such_pages(string request, string? body)
    {
        await using var host = await SignallingHost.StartAsync(prepare: services => services.AddSingleton<IOperatorTokens>(new Tokens(OperatorToken.Off)));
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(host, request, body, "good")).Status);
        await StillThereAsync(ann);
    }

    [Theory]
    [InlineData("", null, "The meeting has been terminated")]
    [InlineData("&silent-reconnect=true", Call, "The meeting has been terminated silently")]
    public async Task A_meeting_is_ended(string more, string? alternate, string reason)
    {
        await using var host = await StartAsync();
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, $"POST /end-meeting?conference={Call}{more}", null, "good")).Status);
        var destroy = (await ann.UntilAsync("<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x></presence>")).Child("x")!.Child("destroy")!;
        Assert.Equal((alternate, reason), (destroy["jid"], destroy.Child("reason")!.Text));
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(host, $"POST /end-meeting?conference={Call}", null, "good")).Status);
    }

    [Fact]
    public async Task Somebody_is_put_out_and_a_call_by_its_number()
    {
        await using var host = await StartAsync();
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(host.Port);
        await bob.JoinAsync(Call);
        using var caller = await SocketClient.ConnectAsync(host.Port);
        await caller.JoinAsync(Call);
        await caller.SendAsync($"<presence to='{Call}/{caller.Nick}'><nick xmlns='http://jabber.org/protocol/nick'>+49301234 (Cid)</nick><features><feature var='http://jitsi.org/protocol/jigasi'/></features></presence>");
        await ann.UntilAsync($"<presence from='{Call}/{caller.Nick}'><features/></presence>");

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "PUT /kick-participant?room=Call", $$"""{"participantId":"{{bob.Nick}}"}""", "good")).Status);
        await bob.UntilAsync($"<presence type='unavailable' from='{Call}/{bob.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/></x></presence>");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "PUT /kick-participant?room=call", """{"number":"+4930"}""", "good")).Status);
        await caller.UntilAsync($"<presence type='unavailable' from='{Call}/{caller.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/></x></presence>");
        await StillThereAsync(ann);
    }

    [Fact]
    public async Task A_message_reaches_those_it_is_for_and_nobody_outside()
    {
        await using var host = await StartAsync();
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(host.Port);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "POST /send-system-chat-message", Message.Replace("\"JID\"", $"\"{ann.FullJid}\",\"{bob.FullJid}\"", StringComparison.Ordinal), "good")).Status);
        var message = await ann.UntilAsync($"<message from='{Call}'><json-message xmlns='http://jitsi.org/jitmeet'/></message>");
        Assert.Equal("""{"displayName":"Operator","type":"system_chat_message","message":"Mind the <gap>"}""", message.Child("json-message")!.Text);
        await bob.SendAsync("<iq type='get' id='ping' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>");
        Assert.Equal("iq", (await bob.UntilAsync("<iq id='ping'/>")).Name);
    }

    [Fact]
    public async Task Size_and_people_of_a_room_are_told_without_focus()
    {
        await using var host = await StartAsync(("MESH_ROOM_SIZE", "open"));
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        await ann.SendAsync($"<presence to='{Call}/{ann.Nick}'><nick xmlns='http://jabber.org/protocol/nick'>Ann</nick><email>ann@example.org</email></presence>");
        await StillThereAsync(ann);
        Assert.Equal((HttpStatusCode.OK, """{"participants":1}"""), await AskAsync(host, "GET /room-size?room=call&domain=meet.jitsi", null, null));
        Assert.Equal((HttpStatusCode.OK, $$"""[{"jid":"{{Call}}/{{ann.Nick}}","email":"ann@example.org","display_name":"Ann"}]"""), await AskAsync(host, "GET /room?room=Call&domain=meet.jitsi&subdomain=", null, null));
        Assert.Equal((HttpStatusCode.OK, "1"), await AskAsync(host, "GET /sessions", null, null));
        foreach (var (query, status) in new[] { ("?room=other&domain=meet.jitsi", 404), ("?room=call&domain=elsewhere", 404), ("?room=call&domain=meet.jitsi&subdomain=acme", 404), ("", 400), ("?domain=meet.jitsi", 400) })
        {
            Assert.Equal(status, (int)(await AskAsync(host, "GET /room-size" + query, null, null)).Status);
        }
    }

    [Theory]
    // a login's token | a program's | status
    [InlineData(null, null, 403)]
    [InlineData("of-call", null, 200)]
    [InlineData("of-other", null, 403)]
    [InlineData("of-nothing", null, 403)]
    [InlineData("refused", null, 403)]
    [InlineData("of-guest", null, 403)]
    [InlineData("auth-down", null, 503)]
    [InlineData(null, "good", 200)]
    [InlineData(null, "bad", 403)]
    [InlineData(null, "lost", 503)]
    public async Task Where_a_token_is_needed_it_is_one_that_is_good_for_the_room_or_a_programs(string? login, string? bearer, int status)
    {
        await using var host = await StartAsync(new Logins(), ("MESH_ROOM_SIZE", "token"));
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        Assert.Equal(status, (int)(await AskAsync(host, "GET /room-size?room=call&domain=meet.jitsi" + (login is null ? "" : "&token=" + login), null, bearer)).Status);
    }

    [Fact]
    public async Task Bodies_are_bounded()
    {
        await using var host = await StartAsync();
        foreach (var request in new[] { "POST /send-system-chat-message", "PUT /kick-participant?room=call", "POST /invite-jigasi" })
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await AskAsync(host, request, new string(' ', SignallingLimits.AdministrationOctets + 1), "good")).Status);
        }
    }

    [Fact]
    public async Task Requests_at_once_are_bounded()
    {
        var tokens = new Tokens(null);
        await using var host = await SignallingHost.StartAsync(prepare: services => services.AddSingleton<IOperatorTokens>(tokens));
        var waiting = Enumerable.Range(0, SignallingLimits.AdministrationRequests).Select(_ => AskAsync(host, $"POST /end-meeting?conference={Call}", null, "good")).ToList();
        await tokens.AskedAsync(SignallingLimits.AdministrationRequests);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync(host, $"POST /end-meeting?conference={Call}", null, "good")).Status);
        tokens.Open();
        foreach (var one in waiting) Assert.Equal(HttpStatusCode.NotFound, (await one).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(host, $"POST /end-meeting?conference={Call}", null, "good")).Status);
    }

    [Fact]
    public async Task Any_node_reaches_the_owner_of_a_room()
    {
        var store = new InMemoryMeshStore(TimeProvider.System);
        using var hub = new InMemoryLinkHub(store);
        void Share(IServiceCollection services) => services.AddSingleton<IMeshStore>(store).AddSingleton(hub).AddSingleton<IOperatorTokens>(new Tokens(OperatorToken.Good));
        await using var first = await SignallingHost.StartAsync(settings: [("MESH_ROOM_SIZE", "open")], prepare: Share);
        await using var second = await SignallingHost.StartAsync(settings: [("MESH_ROOM_SIZE", "open")], prepare: Share);
        var owners = second.Services.GetRequiredService<PartitionOwner>();
        var name = Enumerable.Range(0, 1000).Select(i => $"call{i}").First(one => owners.Mailbox(Partitions.Of($"{one}@muc.meet.jitsi")) is not null);
        var room = $"{name}@muc.meet.jitsi";
        using var ann = await SocketClient.ConnectAsync(first.Port, $"/xmpp-websocket?room={name}");
        await ann.JoinAsync(room);
        Assert.Null(first.Services.GetRequiredService<PartitionOwner>().Mailbox(Partitions.Of(room)));

        foreach (var host in (SignallingHost[])[first, second]) Assert.Equal((HttpStatusCode.OK, """{"participants":1}"""), await AskAsync(host, $"GET /room-size?room={name}&domain=meet.jitsi", null, null));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(first, "POST /send-system-chat-message", $$"""{"room":"{{room}}","connectionJIDs":["{{ann.FullJid}}"],"message":"hi"}""", "good")).Status);
        await ann.UntilAsync($"<message from='{room}'><json-message xmlns='http://jitsi.org/jitmeet'/></message>");
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(first, $"POST /end-meeting?conference={room}", null, "good")).Status);
        await ann.UntilAsync("<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><destroy/></x></presence>");
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(first, $"POST /end-meeting?conference={room}", null, "good")).Status);
    }

    private static Task<SignallingHost> StartAsync(params (string Name, string Value)[] settings) => StartAsync(null, settings);

    private static Task<SignallingHost> StartAsync(IAdmission? admission, params (string Name, string Value)[] settings) =>
        SignallingHost.StartAsync(admission, settings, services => services.AddSingleton<IOperatorTokens>(new Tokens(OperatorToken.Good)));

    private static async Task StillThereAsync(SocketClient client)
    {
        await client.SendAsync($"<message type='groupchat' to='{Call}' id='there'><body>here</body></message>");
        await client.UntilAsync("<message type='groupchat' id='there'/>");
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(SignallingHost host, string line, string? body, string? token)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        var (method, path) = (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>One answer for the token "good"; null for one that is given later.</summary>
    private sealed class Tokens(OperatorToken? good) : IOperatorTokens
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Channel<bool> _asked = Channel.CreateUnbounded<bool>();

        public async Task AskedAsync(int times)
        {
            for (var i = 0; i < times; i++) await _asked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        }

        public void Open() => _open.SetResult();

        public async ValueTask<OperatorToken> CheckAsync(string token, CancellationToken cancellation)
        {
            _asked.Writer.TryWrite(true);
            if (good is null) await _open.Task.WaitAsync(cancellation);
            return token switch { "good" => good ?? OperatorToken.Good, "lost" => OperatorToken.Unknown, _ => good == OperatorToken.Off ? OperatorToken.Off : OperatorToken.Bad };
        }
    }

    /// <summary>Logins by token: what each is good for stands in its name. Without one people are guests.</summary>
    private sealed class Logins : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) => ValueTask.FromResult<AdmissionResult>(request.Token switch
        {
            "of-call" => new AdmissionResult.Admitted("", new SessionContext { Identity = "u", Claims = new TokenClaims("call", false, "*", null) }),
            "of-other" => new AdmissionResult.Admitted("", new SessionContext { Identity = "u", Claims = new TokenClaims("other", false, "*", null) }),
            "of-nothing" => new AdmissionResult.Admitted("", new SessionContext { Identity = "u", Claims = new TokenClaims("", false, "*", null) }),
            "refused" => new AdmissionResult.Refused("not-allowed", "Invalid signature"),
            "auth-down" => new AdmissionResult.Refused("temporary-auth-failure"),
            _ => new AdmissionResult.Admitted("", SessionContext.Empty),
        });
    }
}

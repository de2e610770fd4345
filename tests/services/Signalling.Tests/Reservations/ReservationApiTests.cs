using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Outboxes;
using JitsiMesh.Signalling.Reservations;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Signalling.Tests.Sockets;
using JitsiMesh.Xmpp;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests.Reservations;

/// <summary>The REST client of a reservation system, against good and hostile ones.</summary>
public sealed class ReservationApiTests
{
    private const string Room = "[acme]call@muc.meet.jitsi";
    private const string Conference = """{"id":7,"name":"[acme]CALL","mail_owner":"ann@example.org","start_time":"2026-08-24T09:00:00.000Z","duration":3600}""";

    private static readonly ReservationCall Question = new(Room, "attempt", "ann@meet.jitsi", new DateTimeOffset(2026, 8, 24, 9, 0, 0, 250, TimeSpan.Zero));

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    public async Task A_room_is_asked_for_as_mod_reservations_asks(int status)
    {
        await using var server = await WebServer.StartAsync(status, Conference);
        var reply = await AskAsync(server.Url + "/api/");

        Assert.True(reply.IsGranted);
        Assert.Equal(("7", new DateTimeOffset(2026, 8, 24, 10, 0, 0, TimeSpan.Zero)), (reply.Id, reply.Ends));
        var request = Assert.Single(server.Requests);
        Assert.Equal(
            new WebServer.Request("POST /api/conference", "name=%5Bacme%5Dcall&start_time=2026-08-24T09%3A00%3A00.250Z&mail_owner=ann%40meet.jitsi", "Bearer key", "application/x-www-form-urlencoded"),
            request);
    }

    [Fact]
    public async Task A_conflict_is_looked_at()
    {
        await using var server = await WebServer.StartAsync((context, request) => request.Line.StartsWith("POST", StringComparison.Ordinal) ? WebServer.SayAsync(context, 409, """{"conflict_id":"a b/7"}""") : WebServer.SayAsync(context, 200, Conference));
        Assert.True((await AskAsync(server.Url)).IsGranted);
        Assert.Equal("GET /conference/a%20b%2F7", server.Requests[1].Line);
    }

    [Theory]
    // status | body | code | text
    [InlineData(403, """{"message":"Come back at nine"}""", 403, "Come back at nine")]
    [InlineData(403, "<html>", 403, "Rejected by reservation server")]
    [InlineData(404, """{"message":7}""", 404, "Rejected by reservation server")]
    [InlineData(409, "{}", 409, "Invalid response from reservation server")]
    [InlineData(409, """{"conflict_id":".."}""", 409, "Invalid response from reservation server")]
    [InlineData(200, "", 500, "Invalid response from reservation server")]
    [InlineData(200, "[]", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"id":7,"name":"other","mail_owner":"a","start_time":"2026-08-24T09:00:00Z","duration":3600}""", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"name":"[acme]call","mail_owner":"a","start_time":"2026-08-24T09:00:00Z","duration":3600}""", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"id":7,"name":"[acme]call","start_time":"2026-08-24T09:00:00Z","duration":3600}""", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"id":7,"name":"[acme]call","mail_owner":"a","start_time":"2026-08-24T09:00:00Z"}""", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"id":7,"name":"[acme]call","mail_owner":"a","start_time":"2026-08-24T09:00:00Z","duration":"NaN"}""", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"id":7,"name":"[acme]call","mail_owner":"a","start_time":"tomorrow","duration":3600}""", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"id":7,"id":8,"name":"[acme]call","mail_owner":"a","start_time":"2026-08-24T09:00:00Z","duration":3600}""", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"id":7,"name":"[acme]call","mail_owner":"a","start_time":"2026-08-24T09:00:00Z","duration":3600,"password":""}""", 500, "Invalid response from reservation server")]
    [InlineData(200, """{"id":7,"name":"[acme]call","mail_owner":"a","start_time":"2026-08-24T09:00:00Z","duration":3600,"max_occupants":-1}""", 500, "Invalid response from reservation server")]
    public async Task Any_other_answer_is_a_refusal_with_a_code_and_a_text(int status, string body, int code, string text)
    {
        await using var server = await WebServer.StartAsync(status, body);
        var reply = await AskAsync(server.Url);
        Assert.Equal((false, code, text), (reply.IsGranted, reply.Code, reply.Text));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task What_the_reservation_says_of_its_room_comes_with_it()
    {
        await using var server = await WebServer.StartAsync(200, Conference[..^1] + ""","max_occupants":5,"lobby":true,"password":"p<&\"w"}""");
        var reply = await AskAsync(server.Url);
        Assert.Equal((5, true, "p<&\"w"), (reply.MaximumOccupants, reply.HasLobby, reply.Password));
    }

    [Theory]
    [InlineData(2, true, 3)]
    [InlineData(9, false, 4)]
    public async Task An_error_of_its_own_is_asked_again(int failures, bool granted, int requests)
    {
        var count = 0;
        await using var server = await WebServer.StartAsync((context, _) => Interlocked.Increment(ref count) <= failures ? WebServer.SayAsync(context, 503, "") : WebServer.SayAsync(context, 200, Conference));
        Assert.Equal(granted, (await AskAsync(server.Url)).IsGranted);
        Assert.Equal(requests, server.Requests.Count);
    }

    [Fact]
    public async Task It_is_not_followed_to_another_server()
    {
        await using var elsewhere = await WebServer.StartAsync(200, Conference);
        await using var server = await WebServer.StartAsync((context, _) =>
        {
            context.Response.Redirect(elsewhere.Url + "/conference", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        Assert.Equal((500, "Invalid response from reservation server"), Told(await AskAsync(server.Url)));
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_too_slow_is_not_asked_again(bool begins)
    {
        await using var server = await WebServer.StartAsync(async (context, _) =>
        {
            if (begins) await context.Response.WriteAsync("{\"id\":");
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        Assert.Equal((500, "Reservation lookup timed out"), Told(await AskAsync(server.Url, TimeSpan.FromMilliseconds(300))));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endless_answer_is_none(bool withLength)
    {
        await using var server = await WebServer.StartAsync(async (context, _) =>
        {
            if (withLength) context.Response.ContentLength = 1_000_000_000;
            var part = new byte[16 * 1024];
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(part, context.RequestAborted);
        });
        Assert.Equal((500, "Invalid response from reservation server"), Told(await AskAsync(server.Url)));
    }

    [Fact]
    public async Task One_that_is_down_is_told_as_that()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Assert.Equal((500, "Could not contact reservation server"), Told(await AskAsync($"http://127.0.0.1:{port}")));
    }

    [Fact]
    public async Task The_end_is_told_and_told_again_when_that_fails()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        await using var server = await WebServer.StartAsync((context, _) =>
        {
            if (Interlocked.Increment(ref count) == 1) return WebServer.SayAsync(context, 500, "");
            told.TrySetResult();
            return WebServer.SayAsync(context, 204, "");
        });
        var (api, ends, _) = Create(server.Url, TimeSpan.FromSeconds(20));
        using (api)
        {
            await ends.StartAsync(default);
            await api.EndAsync(Question with { EndedId = "a/7" }, default);
            await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await ends.StopAsync(default);
        }

        Assert.All(server.Requests, request => Assert.Equal("DELETE /conference/a%2F7", request.Line));
    }

    [Fact]
    public async Task Over_a_whole_service_a_request_waits_and_is_told_why_it_was_refused()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await WebServer.StartAsync(async (context, request) =>
        {
            await open.Task;
            if (request.Body.Contains("name=call&", StringComparison.Ordinal)) await WebServer.SayAsync(context, 200, Conference.Replace("[acme]CALL", "call", StringComparison.Ordinal).Replace("2026-08", "2126-08", StringComparison.Ordinal));
            else await WebServer.SayAsync(context, 403, """{"message":"Not yours"}""");
        });
        await using var host = await SignallingHost.StartAsync(settings: [("PROSODY_RESERVATION_ENABLED", "1"), ("PROSODY_RESERVATION_REST_BASE_URL", server.Url), ("MESH_RESERVATION_RETRIES", "0")]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        var granted = RequestAsync(http, "call@muc.meet.jitsi");
        var refused = RequestAsync(http, "other@muc.meet.jitsi");
        using var ann = await SocketClient.ConnectAsync(host.Port);
        Assert.Empty(host.Asked);
        open.SetResult();
        Assert.Contains("\"ready\":true", (await granted).Text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.InternalServerError, "Error: reservation-error 403: Not yours"), await refused);
        await ann.JoinAsync("call@muc.meet.jitsi");
        Assert.DoesNotContain("other@muc.meet.jitsi", host.Asked);
    }

    private static async Task<(HttpStatusCode Status, string Text)> RequestAsync(HttpClient http, string room)
    {
        using var content = new StringContent($$"""{"room":"{{room}}","machineUid":"m"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/conference-request/v1", UriKind.Relative), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static (int Code, string Text) Told(ReservationReply reply)
    {
        Assert.False(reply.IsGranted);
        return (reply.Code, reply.Text);
    }

    /// <summary>Asks, and reads the stanza that brings the answer to the room.</summary>
    private static async Task<ReservationReply> AskAsync(string url, TimeSpan? timeout = null)
    {
        var (api, _, link) = Create(url, timeout ?? TimeSpan.FromSeconds(20));
        using (api)
        {
            var sent = new TaskCompletionSource<StanzaEnvelope>(TaskCreationOptions.RunContinuationsAsynchronously);
            link.Sending = (_, envelope) => sent.TrySetResult(envelope);
            api.Begin(Question);
            var envelope = await sent.Task.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal((Room, "reservations@auth.meet.jitsi/http"), (envelope.Room, envelope.Origin!.RealJid));
            var element = XmppParser.Parse(envelope.Stanza).Child(ReservationReply.Element, ReservationReply.Namespace)!;
            Assert.Equal("attempt", element["attempt"]);
            return ReservationReply.FromElement(element);
        }
    }

    private static (ReservationApi Api, ReservationEnds Ends, ScriptedLink Link) Create(string url, TimeSpan timeout)
    {
        var link = new ScriptedLink();
        var features = new SignallingFeatures(new SignallingOptions());
        var metrics = new SignallingMetrics();
        var clock = new MeshClock(TimeProvider.System);
        var mailbox = new MailboxServices(new InMemoryMeshStore(TimeProvider.System), new Deliverer(new SessionRegistry(clock, metrics), link, metrics, NullLogger<Deliverer>.Instance), clock, metrics, NullLogger<PartitionMailbox>.Instance);
        var door = new RoomDoor(new PartitionOwner(features, new SeededRandomSource(1), mailbox, NullLogger<PartitionOwner>.Instance), link);
        var options = new ReservationOptions { Prefix = url.TrimEnd('/'), Timeout = timeout, RetryDelay = TimeSpan.Zero, Authorization = "Bearer key" };
        var ends = new ReservationEnds(options, new Outbox(new InMemoryMeshStore(TimeProvider.System), clock, SecureRandomSource.Instance, metrics, NullLogger<Outbox>.Instance), metrics, clock);
        return (new ReservationApi(options, ends, features.Domains, new OwnQueue("signalling.node.n"), () => door, metrics, clock, NullLogger<ReservationApi>.Instance), ends, link);
    }
}

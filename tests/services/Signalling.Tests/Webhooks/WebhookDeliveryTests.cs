using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Outboxes;
using JitsiMesh.Signalling.Tests.Sockets;
using JitsiMesh.Signalling.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Webhooks;

/// <summary>Webhooks to good and hostile receivers.</summary>
public sealed class WebhookDeliveryTests : IDisposable
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Body = """{"type":"room.created","timestamp":"2026-08-24T09:00:00.000Z","data":{}}""";

    private readonly SignallingMetrics _metrics = new();
    private readonly List<IDisposable> _made = [];

    [Fact]
    public async Task A_receiver_can_verify_what_it_gets()
    {
        Dictionary<string, string> headers = [];
        await using var server = await WebServer.StartAsync((context, _) =>
        {
            headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
            return WebServer.SayAsync(context, 204, "");
        });
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Assert.Equal(DeliveryOutcome.Done, (await DeliverAsync(server.Url + "/hook")).Outcome);

        var request = Assert.Single(server.Requests);
        Assert.Equal(("POST /hook", Body, "application/json"), (request.Line, request.Body, request.ContentType));
        var time = long.Parse(headers["webhook-timestamp"], CultureInfo.InvariantCulture);
        Assert.InRange(time, before, before + 60);
        Assert.Equal("msg_1", headers["webhook-id"]);
        Assert.True(WebhookSecrets.TryParse(Secret, out var secrets, out _));
        Assert.Equal(WebhookSignature.Of(secrets, "msg_1", time, Encoding.UTF8.GetBytes(Body)), headers["webhook-signature"]);
    }

    [Theory]
    [InlineData(200, DeliveryOutcome.Done, "done")]
    [InlineData(299, DeliveryOutcome.Done, "done")]
    [InlineData(400, DeliveryOutcome.Again, "status_4xx")]
    [InlineData(404, DeliveryOutcome.Again, "status_4xx")]
    [InlineData(410, DeliveryOutcome.Never, "gone")]
    [InlineData(429, DeliveryOutcome.Again, "status_4xx")]
    [InlineData(500, DeliveryOutcome.Again, "status_5xx")]
    [InlineData(503, DeliveryOutcome.Again, "status_5xx")]
    public async Task Any_2xx_is_a_yes_and_410_is_a_last_no(int status, DeliveryOutcome outcome, string reason)
    {
        await using var server = await WebServer.StartAsync(status, "what it says is not read");
        var delivery = await DeliverAsync(server.Url);
        Assert.Equal((outcome, reason, null), (delivery.Outcome, delivery.Reason, delivery.NotBefore));
    }

    [Fact]
    public async Task A_pause_that_the_receiver_asks_for_is_kept_as_seconds_and_as_a_date()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));
        foreach (var asked in (string[])["120", "Mon, 24 Aug 2026 09:02:00 GMT"])
        {
            await using var server = await WebServer.StartAsync((context, _) =>
            {
                context.Response.Headers.RetryAfter = asked;
                return WebServer.SayAsync(context, 503, "");
            });
            Assert.Equal(time.GetUtcNow() + TimeSpan.FromSeconds(120), (await Create(server.Url, time).DeliverAsync(Entry(), default)).NotBefore);
        }
    }

    [Fact]
    public async Task After_410_nothing_is_sent_for_an_hour()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));
        var status = 410;
        await using var server = await WebServer.StartAsync((context, _) => WebServer.SayAsync(context, status, ""));
        var delivery = Create(server.Url, time);
        Assert.Equal(DeliveryOutcome.Never, (await delivery.DeliverAsync(Entry(), default)).Outcome);
        status = 200;
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(DeliveryOutcome.Never, (await delivery.DeliverAsync(Entry(), default)).Outcome);
        Assert.Single(server.Requests);
        Assert.Equal("status 410", delivery.Trouble!.Value.Said);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(DeliveryOutcome.Done, (await delivery.DeliverAsync(Entry(), default)).Outcome);
        Assert.Null(delivery.Trouble);
        Assert.NotNull(delivery.LastTaken);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var inside = await WebServer.StartAsync(200, "");
        await using var server = await WebServer.StartAsync((context, _) =>
        {
            context.Response.Redirect(inside.Url, permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        var delivery = await DeliverAsync(server.Url);
        Assert.Equal((DeliveryOutcome.Again, "redirect"), (delivery.Outcome, delivery.Reason));
        Assert.Empty(inside.Requests);
    }

    [Theory]
    [InlineData(200, DeliveryOutcome.Done)]
    [InlineData(500, DeliveryOutcome.Again)]
    public async Task An_endless_answer_counts_by_its_status_and_is_not_read(int status, DeliveryOutcome outcome)
    {
        var cut = new TaskCompletionSource();
        await using var server = await WebServer.StartAsync(async (context, _) =>
        {
            context.Response.StatusCode = status;
            context.RequestAborted.Register(() => cut.TrySetResult());
            var part = new byte[16 * 1024];
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(part, context.RequestAborted);
        });
        Assert.Equal(outcome, (await DeliverAsync(server.Url)).Outcome);

        // The receiver is not listened to any further: the connection ends.
        await cut.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(false, DeliveryOutcome.Again, "timeout")]
    [InlineData(true, DeliveryOutcome.Done, "done")]
    public async Task A_slow_one_has_its_time_and_a_slow_body_does_not_take_back_the_yes(bool answers, DeliveryOutcome outcome, string reason)
    {
        await using var server = await WebServer.StartAsync(async (context, _) =>
        {
            if (answers) await context.Response.WriteAsync("{");
            if (answers) await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var delivery = await Create(server.Url, TimeProvider.System, TimeSpan.FromMilliseconds(500)).DeliverAsync(Entry(), default);
        Assert.Equal((outcome, reason), (delivery.Outcome, delivery.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 2")]
    [InlineData("220 mail.example.org ESMTP\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: ")]
    public async Task One_that_cuts_the_connection_or_speaks_otherwise_is_unreachable(string says)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            await stream.ReadAtLeastAsync(new byte[64], 64, throwOnEndOfStream: false);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(says));
        });
        var delivery = await DeliverAsync($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        Assert.Equal((DeliveryOutcome.Again, "unreachable"), (delivery.Outcome, delivery.Reason));
        await serving;
    }

    [Fact]
    public async Task A_receiver_that_is_down_keeps_nothing_from_another_and_gets_all_in_order_when_it_is_back()
    {
        var isUp = false;
        ConcurrentQueue<string> late = new(), ids = new();
        await using var down = await WebServer.StartAsync((context, request) =>
        {
            var takes = Volatile.Read(ref isUp);
            if (takes) late.Enqueue(request.Body);
            else ids.Enqueue(context.Request.Headers["webhook-id"]!);
            return WebServer.SayAsync(context, takes ? 200 : 500, "");
        });
        await using var good = await WebServer.StartAsync(200, "");
        var clock = new MeshClock(TimeProvider.System);
        var outbox = new Outbox(new InMemoryMeshStore(TimeProvider.System), clock, new SeededRandomSource(7), _metrics, NullLogger<Outbox>.Instance);
        var plan = Plan($"{down.Url},{good.Url}", TimeSpan.FromSeconds(10));
        var sender = Sender(plan, clock);
        var limits = WebhookService.LimitsOf(plan) with { FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromMilliseconds(100) };
        using var stop = new CancellationTokenSource();
        var deliveries = plan.Receivers.Select(receiver => new WebhookDelivery(receiver, sender, clock, _metrics, NullLogger<WebhookDelivery>.Instance)).ToArray();
        var health = new WebhookHealth(plan, deliveries, outbox, clock);
        var runs = deliveries.Select(delivery => outbox.RunAsync(delivery.Kind, delivery.DeliverAsync, limits, stop.Token)).ToArray();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new HealthCheckContext())).Status);

        var events = new WebhookEvents(plan, outbox);
        foreach (var i in Enumerable.Range(0, 20)) await events.PutAsync([new RoomEvent($"room{i % 2}@muc.meet.jitsi", $"msg_{i}", "room.created", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), $"{i % 2} {i:00}")], default);
        await UntilAsync(() => good.Requests.Count == 20 && ids.Count >= 6);
        // The first of each room alone is tried meanwhile, under its one id.
        Assert.Equal(["msg_0", "msg_1"], ids.Distinct().Order(StringComparer.Ordinal));
        var page = await health.CheckHealthAsync(new HealthCheckContext());
        Assert.Equal((HealthStatus.Degraded, $"{deliveries[0].Receiver.Name} has taken no webhook for 0 min (status 500)"), (page.Status, page.Description));
        Volatile.Write(ref isUp, true);
        await UntilAsync(() => late.Count == 20);
        foreach (var got in (IEnumerable<string>[])[late, good.Requests.Select(request => request.Body)])
        {
            foreach (var room in got.GroupBy(body => body[0])) Assert.Equal(room.Order(StringComparer.Ordinal), room);
        }

        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new HealthCheckContext())).Status);
        await stop.CancelAsync();
        await Task.WhenAll(runs);
    }

    [Fact]
    public async Task Settings_that_cannot_be_right_are_told_on_the_health_page_which_does_not_fail()
    {
        var clock = new MeshClock(TimeProvider.System);
        var plan = WebhookPlan.Read(MeshSettings.From([new("MESH_WEBHOOK_URLS", "https://a.example")]));
        var outbox = new Outbox(new InMemoryMeshStore(TimeProvider.System), clock, new SeededRandomSource(7), _metrics, NullLogger<Outbox>.Instance);
        var page = await new WebhookHealth(plan, [], outbox, clock).CheckHealthAsync(new HealthCheckContext());
        Assert.Equal((HealthStatus.Degraded, "MESH_WEBHOOK_SECRET: with MESH_WEBHOOK_URLS it must be set; no webhooks are sent"), (page.Status, page.Description));
    }

    [Fact]
    public void The_age_that_the_operator_set_bounds_the_tries()
    {
        var limits = WebhookService.LimitsOf(Plan("https://a.example", TimeSpan.FromSeconds(3)) with { RetryFor = TimeSpan.FromDays(7) });
        Assert.Equal((TimeSpan.FromDays(7), int.MaxValue, TimeSpan.FromSeconds(8)), (limits.Age, limits.Tries, limits.DeliveryTime));
    }

    public void Dispose()
    {
        foreach (var one in _made) one.Dispose();
        _metrics.Dispose();
    }

    private static OutboxEntry Entry() => new() { Id = "msg_1", Kind = "webhook-x", Payload = Body };

    private static WebhookPlan Plan(string urls, TimeSpan timeout)
    {
        var plan = WebhookPlan.Read(MeshSettings.From([new("MESH_WEBHOOK_URLS", urls), new("MESH_WEBHOOK_SECRET", Secret)])) with { Timeout = timeout };
        Assert.True(plan.IsOn);
        return plan;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!isSo()) await Task.Delay(10, limit.Token);
    }

    private WebhookSender Sender(WebhookPlan plan, MeshClock clock)
    {
        var sender = new WebhookSender(plan, clock);
        _made.Add(sender);
        return sender;
    }

    private WebhookDelivery Create(string url, TimeProvider time, TimeSpan? timeout = null)
    {
        var plan = Plan(url, timeout ?? TimeSpan.FromSeconds(20));
        var clock = new MeshClock(time);
        return new WebhookDelivery(plan.Receivers[0], Sender(plan, clock), clock, _metrics, NullLogger<WebhookDelivery>.Instance);
    }

    private Task<Delivery> DeliverAsync(string url) => Create(url, TimeProvider.System).DeliverAsync(Entry(), default);
}

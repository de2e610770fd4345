using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Outboxes;
using JitsiMesh.Signalling.Reservations;
using JitsiMesh.Signalling.Tests.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Signalling.Tests.Reservations;

/// <summary>The end of a reservation on its way to a reservation system that is down, slow or refuses, from nodes that die.</summary>
public sealed class ReservationEndTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly InMemoryMeshStore _store;
    private readonly SignallingMetrics _metrics = new();

    public ReservationEndTests() => _store = new InMemoryMeshStore(_time);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task A_system_that_is_down_for_an_hour_is_told_by_the_node_that_is_left()
    {
        var down = true;
        await using var server = await WebServer.StartAsync((context, _) => WebServer.SayAsync(context, Volatile.Read(ref down) ? 503 : 204, ""));
        var first = Create(server.Url);
        await first.StartAsync(default);
        await first.PutAsync("a/7", default);
        await UntilAsync(() => server.Requests.Count >= 3);
        await first.StopAsync(default);
        var second = Create(server.Url);
        await second.StartAsync(default);
        var hour = _time.GetUtcNow().AddHours(1);
        await UntilAsync(() => _time.GetUtcNow() >= hour);
        // It is asked with pauses of up to five minutes.
        Assert.InRange(server.Requests.Count, 5, 60);
        Volatile.Write(ref down, false);
        await UntilGoneAsync();
        await second.StopAsync(default);
        Assert.All(server.Requests, request => Assert.Equal(("DELETE /conference/a%2F7", "Bearer key"), (request.Line, request.Authorization)));
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, true)]
    [InlineData(410, true)]
    [InlineData(400, true)]
    [InlineData(403, false)]
    [InlineData(429, false)]
    [InlineData(500, false)]
    [InlineData(302, false)]
    public async Task What_it_answers_ends_the_matter_or_not(int status, bool isOver)
    {
        await using var server = await WebServer.StartAsync((context, _) =>
        {
            if (status == 302) context.Response.Headers.Location = "/elsewhere";
            return WebServer.SayAsync(context, status, "");
        });
        var ends = Create(server.Url);
        await ends.StartAsync(default);
        await ends.PutAsync("7", default);
        if (isOver) await UntilGoneAsync();
        else await UntilAsync(() => server.Requests.Count >= 3);
        await ends.StopAsync(default);
        Assert.Equal(isOver, server.Requests.Count == 1);
    }

    [Fact]
    public async Task A_reservation_that_is_in_use_again_is_not_ended_any_more()
    {
        await using var server = await WebServer.StartAsync(204, "");
        var ends = Create(server.Url);
        await ends.PutAsync("7", default);
        await ends.PutAsync("8", default);
        await ends.WithdrawAsync("7", default);
        await ends.StartAsync(default);
        await UntilGoneAsync();
        await ends.StopAsync(default);
        Assert.Equal("DELETE /conference/8", Assert.Single(server.Requests).Line);
    }

    private ReservationEnds Create(string url)
    {
        var clock = new MeshClock(_time);
        var options = new ReservationOptions { Prefix = url.TrimEnd('/'), Timeout = TimeSpan.FromHours(1), RetryDelay = TimeSpan.Zero, Authorization = "Bearer key" };
        return new ReservationEnds(options, new Outbox(_store, clock, SecureRandomSource.Instance, _metrics, NullLogger<Outbox>.Instance), _metrics, clock);
    }

    private async Task UntilGoneAsync()
    {
        for (var i = 0; i < 20_000; i++)
        {
            if (await _store.ReadAsync("outbox/" + ReservationEnds.Kind) is { Fields.Count: 0 }) return;
            await StepAsync();
        }

        Assert.Fail("it waits still");
    }

    private async Task UntilAsync(Func<bool> isSo)
    {
        for (var i = 0; i < 20_000 && !isSo(); i++) await StepAsync();
        Assert.True(isSo());
    }

    private async Task StepAsync()
    {
        // What is due by now is done before the clock goes on, as far as can be told; the other server has its own time.
        for (var turn = 0; turn < 10; turn++) await Task.Run(static () => { });
        await Task.Delay(2);
        _time.Advance(TimeSpan.FromSeconds(1));
    }
}

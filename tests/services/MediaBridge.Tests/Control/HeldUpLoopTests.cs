using System.Net;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.MediaBridge.Tests.Control;

/// <summary>A media loop that is held up: what strangers may ask of it meanwhile, and what health says.</summary>
public sealed class HeldUpLoopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ManualResetEventSlim _held = new();
    private readonly ManualResetEventSlim _go = new();
    private readonly MediaBridgeRuntime _runtime = new(
        new MediaBridgeOptions { Port = 0, BindAddresses = [IPAddress.Loopback] }, SecureRandomSource.Instance, TimeProvider.System, NullLogger<MediaBridgeRuntime>.Instance);

    public HeldUpLoopTests()
    {
        _runtime.Start();
        Assert.True(_runtime.TryPost((_, _) =>
        {
            _held.Set();
            _go.Wait(Patience);
        }));

        // A loop that took it only later would give back its place in a queue that a test has filled.
        Assert.True(_held.Wait(Patience));
    }

    public void Dispose()
    {
        _go.Set();
        _runtime.Dispose();
        _go.Dispose();
        _held.Dispose();
    }

    [Fact]
    public async Task Strangers_that_open_channels_leave_the_queue_to_control()
    {
        var channels = new ChannelEndpoint(_runtime);
        var asked = Enumerable.Range(0, 5000).Select(_ => channels.TryAsk("conference", "endpoint", "")).ToList();
        Assert.Equal(ChannelLimits.MaxPendingOpenings, asked.Count(a => a is not null));
        Assert.True(_runtime.TryPost((_, _) => { }));
        _go.Set();
        foreach (var answer in asked) Assert.Null(answer is null ? null : await answer.WaitAsync(Patience));
        Task<BridgeEndpoint?>? again;
        while ((again = channels.TryAsk("conference", "endpoint", "")) is null) await Task.Yield();
        Assert.Null(await again.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_queue_that_is_full_for_a_moment_is_healthy_and_one_that_stays_full_is_not()
    {
        var time = new FakeTimeProvider();
        var health = new BridgeHealth(_runtime, time);
        while (_runtime.TryPost((_, _) => { }))
        {
        }

        Assert.Null(await health.FindProblemAsync(CancellationToken.None));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Null(await health.FindProblemAsync(CancellationToken.None));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("the media loop takes no requests", await health.FindProblemAsync(CancellationToken.None));
        _go.Set();
        Task<int>? taken;
        while ((taken = _runtime.Ask((_, _) => 1)) is null) await Task.Yield();
        await taken.WaitAsync(Patience);
        Assert.NotEqual("the media loop takes no requests", await health.FindProblemAsync(CancellationToken.None));
    }
}

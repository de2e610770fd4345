using System.Diagnostics;
using System.Net;
using JitsiMesh.Dtls;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.MediaBridge.Tests.Sockets;

/// <summary>The loop's thread itself: what is thrown on it, and what it tells of itself.</summary>
public sealed class ShardLoopTests : IShardObserver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<ShardFault> _faults = [];

    [Fact]
    public async Task A_command_that_throws_costs_who_asked_and_the_next_is_carried_out()
    {
        using var loop = Start(new ScriptedPort());
        for (var i = 0; i < 100; i++)
        {
            var answer = loop.Ask<int>((_, _) => throw new FormatException("thrown by the test"));
            await Assert.ThrowsAsync<FormatException>(() => answer!.WaitAsync(Patience));
            Assert.Equal(i, await loop.Ask((_, _) => i)!.WaitAsync(Patience));
        }

        Assert.True(loop.TryPost((_, _) => throw new FormatException("thrown by the test, and nobody asked")));
        Assert.True(loop.TryPost((_, _) => throw new FormatException("thrown by the test"), _ => throw new FormatException("and by who asked")));
        Assert.Equal(102, await loop.Ask((shard, _) => shard.Counters.Faults(ShardFault.Command))!.WaitAsync(Patience));
        Assert.False(loop.HasFailed);
    }

    [Fact]
    public async Task A_turn_that_fails_is_tried_again_after_a_pause_that_grows()
    {
        var pauses = new List<TimeSpan>();
        var failures = 10;
        var port = new ScriptedPort { Receiving = () => Interlocked.Decrement(ref failures) >= 0 ? throw new IOException("thrown by the test") : 0 };
        using var loop = Start(port, pauses.Add);
        Assert.Equal(1, await loop.Ask((_, _) => 1)!.WaitAsync(Patience));
        Assert.False(loop.HasFailed);
        Assert.Equal(10, _faults.Count(f => f == ShardFault.Loop));
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512], pauses.Select(p => p.TotalMilliseconds));
    }

    [Fact]
    public async Task A_loop_that_fails_turn_after_turn_gives_up_says_so_and_leaves_nobody_waiting()
    {
        using var first = new ManualResetEventSlim();
        var port = new ScriptedPort
        {
            Receiving = () =>
            {
                first.Wait(Patience);
                throw new IOException("thrown by the test");
            },
        };
        var pauses = new List<TimeSpan>();
        using var loop = Start(port, pauses.Add);
        var asked = loop.Ask((_, _) => 1)!;
        first.Set();
        await Assert.ThrowsAsync<InvalidOperationException>(() => asked.WaitAsync(Patience));
        Assert.True(loop.HasFailed);
        Assert.Null(loop.Ask((_, _) => 1));
        Assert.Equal(LoopLimits.MaxFailedTurns, pauses.Count);
        Assert.True(pauses.Max() <= LoopLimits.MaxPause);
        Assert.InRange(pauses.Sum(p => p.TotalSeconds), 20, 60);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_counts()
    {
        using var go = new ManualResetEventSlim();
        using var loop = Start(new ScriptedPort());
        loop.TryPost((_, _) => go.Wait(Patience));
        var taken = 0;
        while (loop.TryPost((_, _) => { })) taken++;
        Assert.InRange(taken, LoopLimits.MaxCommands - 1, LoopLimits.MaxCommands);
        Assert.True(loop.Shard.Counters.CommandsRefused > 0);
        go.Set();
        for (Task<int>? answer = null; answer is null; answer = loop.Ask((_, _) => 1)) await Task.Yield();
    }

    [Fact]
    public async Task A_loop_with_more_to_do_than_it_can_reports_stress_and_new_conferences_are_refused()
    {
        using var loop = Start(new ScriptedPort());
        var load = new BridgeLoad(new MediaBridgeOptions { RefuseAtStress = 1 }, TimeProvider.System);
        Task<int> last;
        var rounds = 0;
        load.Sample(loop.Meter.Published);
        do
        {
            // Each takes so long that those behind it are late: what a full media thread looks like from within.
            for (var i = 0; i < 59; i++) loop.TryPost((_, _) => Burn(TimeSpan.FromMilliseconds(15)));
            last = loop.Ask((_, _) => 1)!;
            await last.WaitAsync(Patience);

            // The turn tells of itself at its end.
            await loop.Ask((_, _) => 1)!.WaitAsync(Patience);
            load.Sample(loop.Meter.Published);
        }
        while (!load.IsOverloaded && ++rounds < 10);

        Assert.True(load.Stress >= 1, $"{load.Stress} {load.ThreadUse} {load.Lag}");
        Assert.True(load.IsOverloaded);
    }

    [Fact]
    public void A_taken_port_is_one_line_that_names_the_setting()
    {
        var taken = ShardLoop.OpenPorts(Options(0), NullLogger.Instance);
        try
        {
            using var runtime = new MediaBridgeRuntime(Options(taken[0].Local.Port), SecureRandomSource.Instance, TimeProvider.System, NullLogger<MediaBridgeRuntime>.Instance);
            var refusal = Assert.Throws<SettingsException>(runtime.OpenPorts);
            Assert.StartsWith($"JVB_PORT: UDP port {taken[0].Local.Port} ", Assert.Single(refusal.Problems), StringComparison.Ordinal);
        }
        finally
        {
            foreach (var port in taken) port.Dispose();
        }
    }

    void IShardObserver.OnEndpointEnded(string meetingId, string endpointId, EndpointEnd reason)
    {
    }

    void IShardObserver.OnTransportFailed(string meetingId, string endpointId, PeerFailure failure)
    {
    }

    void IShardObserver.OnChannelLimited(string meetingId, string endpointId, ChannelRejection reason)
    {
    }

    void IShardObserver.OnJoinStep(string meetingId, string endpointId, EndpointJoin join, EndpointJoinStep step)
    {
    }

    void IShardObserver.OnFault(ShardFault kind, string? meetingId, string? endpointId, Exception error) => _faults.Add(kind);

    private static void Burn(TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < time) Thread.SpinWait(100);
    }

    private static MediaBridgeOptions Options(int port) => new() { Port = port, BindAddresses = [IPAddress.Loopback] };

    private ShardLoop Start(ScriptedPort port, Action<TimeSpan>? pause = null)
    {
        var loop = new ShardLoop(
            "test",
            [port],
            ports => new BridgeShard(new MediaBridgeOptions(), ports, () => DtlsCertificate.Create(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue), new SeededRandomSource(1), this),
            TimeProvider.System,
            NullLogger.Instance,
            new ScriptedWaiter(),
            pause ?? (_ => { }));
        loop.Start();
        return loop;
    }

    /// <summary>A port of which the test says what it receives.</summary>
    private sealed class ScriptedPort : IDatagramPort
    {
        public Func<int> Receiving { get; init; } = () => 0;

        public TransportAddress Local => TransportAddress.FromIPv4(0x0A000001, 10000);

        public PortCounters Counters { get; } = new();

        public SocketBuffers Buffers => default;

        public int Receive() => Receiving();

        public Span<byte> Received(int index, out TransportAddress remote) => throw new InvalidOperationException();

        public TimeSpan Waited(int index) => TimeSpan.Zero;

        public Span<byte> Rent() => new byte[PortLimits.BufferSize];

        public void Commit(int length, in TransportAddress remote)
        {
        }

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class ScriptedWaiter : IPortWaiter
    {
        private readonly SemaphoreSlim _woken = new(0);

        public void Wait(int maxMilliseconds) => _woken.Wait(maxMilliseconds);

        public void Wake() => _woken.Release();

        public void Dispose() => _woken.Dispose();
    }
}

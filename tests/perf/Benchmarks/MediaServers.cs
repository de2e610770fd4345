using System.Globalization;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Perf.Load;
using JitsiMesh.Perf.Processes;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>A media server with a joined room of load.</summary>
internal sealed class MediaServer(string name, int pid, LoadRoom room)
{
    public string Name => name;

    public int Pid => pid;

    public LoadRoom Room => room;

    /// <summary>Applies load, lets the server settle, and measures a slice.</summary>
    public async Task<MediaSlice> MeasureAsync(LoadEngine engine, LoadProfile profile, TimeSpan settle, TimeSpan length)
    {
        room.Profile = profile;
        await Task.Delay(settle);
        var before = Read(engine);
        await Task.Delay(length);
        var after = Read(engine);
        room.Profile = null;
        return new MediaSlice(
            after.Received - before.Received,
            after.Sent - before.Sent,
            after.Cpu - before.Cpu,
            after.Thread - before.Thread,
            Math.Max(after.Compiler - before.Compiler, 0),
            (after.At - before.At) / 1e9,
            room.Clients.Sum(c => c.Bad));
    }

    private (long Received, long Sent, double Cpu, double Thread, double Compiler, long At) Read(LoadEngine engine) => engine.Read(now => (
        room.TotalReceived,
        room.Sender.Feed!.Sent,
        ProcessCost.CpuSeconds(pid),
        ProcessCost.ThreadCpuSeconds(pid, AllInOneProcess.MediaThread),
        ProcessCost.ThreadCpuSeconds(pid, WarmUp.Compiler),
        now.Nanoseconds));
}

/// <param name="Packets">That arrived at the receivers.</param>
/// <param name="Sent">By the sender.</param>
/// <param name="CpuSeconds">Of the server's process, all of it.</param>
/// <param name="MediaThreadSeconds">Of our media thread within it; 0 for others.</param>
/// <param name="CompilerSeconds">Of the runtime's background compiler.</param>
/// <param name="Seconds">Length of the slice.</param>
/// <param name="Bad">Packets of the spot check that did not decrypt, ever.</param>
internal readonly record struct MediaSlice(long Packets, long Sent, double CpuSeconds, double MediaThreadSeconds, double CompilerSeconds, double Seconds, long Bad)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Packets / Seconds:0} packets/s, {CpuSeconds / Seconds * 100:0.0} % of a core, {Packets / CpuSeconds:0} packets/CPU s{(MediaThreadSeconds > 0 ? $" ({MediaThreadSeconds / CpuSeconds * 100:0} % of it in the media thread, {CompilerSeconds / CpuSeconds * 100:0} % compiling)" : "")}{(Bad > 0 ? $", {Bad} BAD" : "")}");
}

/// <summary>JitsiMesh and its peers, all started and joined.</summary>
internal sealed class MediaServers : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _processes = [];
    private JanusRoom? _janusRoom;
    private readonly List<MeshRoom> _meshRooms = [];
    private string _janusMissing = "janus is not installed";
    private string _loopMissing = "cc or libssl-dev is missing";

    public MediaServer Ours { get; private set; } = null!;

    /// <summary>The other build that this run is paired with.</summary>
    public MediaServer? Before { get; private set; }

    public MediaServer? Janus { get; private set; }

    public MediaServer? Loop { get; private set; }

    public IEnumerable<MediaServer> All => new[] { Ours, Before, Janus, Loop }.OfType<MediaServer>();

    public string WhyMissing(bool loop) => "(missing: " + (loop ? _loopMissing : _janusMissing) + ")";

    public static async Task<MediaServers> StartAsync(BenchmarkContext context, LoadEngine engine, bool withLoop)
    {
        var servers = new MediaServers();
        try
        {
            servers.Ours = await servers.StartOursAsync(context, engine, "JitsiMesh", program: null);
            if (context.Against is { } program) servers.Before = await servers.StartOursAsync(context, engine, "before", program);
            await servers.StartJanusAsync(context, engine);
            if (withLoop) await servers.StartLoopAsync(context, engine);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    /// <summary>Applies load to all at once, as long as the .NET runtime is still recompiling hot methods.</summary>
    public async Task WarmUpAsync(BenchmarkContext context, LoadProfile profile)
    {
        foreach (var server in All) server.Room.Profile = profile;
        await WarmUp.RunAsync(context, Ours.Pid);
        if (Before is not null) await WarmUp.RunAsync(context, Before.Pid);
        foreach (var server in All) server.Room.Profile = null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var room in _meshRooms) await room.DisposeAsync();
        _janusRoom?.Dispose();
        foreach (var process in _processes) await process.DisposeAsync();
    }

    private async Task<MediaServer> StartOursAsync(BenchmarkContext context, LoadEngine engine, string name, string? program)
    {
        // The estimator works as ever, but a busy machine must not make it switch the only stream off in the middle of a measurement.
        var settings = new Dictionary<string, string> { ["JVB_CC_TRUST_BWE"] = "0" };
        var mesh = await AllInOneProcess.StartAsync(settings, context.Ports.Next, HostAddress.Value, program);
        _processes.Add(mesh);
        var room = await MeshRoom.JoinAsync(engine, mesh.WebSocket, "forward", ForwardBenchmark.Receivers);
        _meshRooms.Add(room);
        context.Say($"{name}: joined, {room.Room.Sender.Link.Profile}");
        return new MediaServer(name, mesh.Id, room.Room);
    }

    private async Task StartJanusAsync(BenchmarkContext context, LoadEngine engine)
    {
        if (!JanusServer.IsInstalled) return;
        try
        {
            var janus = await JanusServer.StartAsync(context.Ports);
            _processes.Add(janus);
            _janusRoom = await JanusRoom.JoinAsync(engine, janus.Api, "Janus", ForwardBenchmark.Receivers);
            Janus = new MediaServer("Janus", janus.Id, _janusRoom.Room);
            context.Say($"Janus: joined, {_janusRoom.Room.Sender.Link.Profile}");
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException or HttpRequestException)
        {
            _janusMissing = "janus did not serve: " + e.Message.Split('\n')[0];
            context.Say(_janusMissing);
        }
    }

    private async Task StartLoopAsync(BenchmarkContext context, LoadEngine engine)
    {
        if (!ForwardLoop.CanBuild) return;
        try
        {
            var loop = await ForwardLoop.StartAsync(context.Ports, ForwardBenchmark.Receivers);
            _processes.Add(loop);
            Loop = new MediaServer("C loop", loop.Id, LoopRoom.Join(engine, loop, ForwardBenchmark.Receivers));
        }
        catch (InvalidOperationException e)
        {
            _loopMissing = e.Message.Split('\n')[0];
            context.Say(_loopMissing);
        }
    }
}

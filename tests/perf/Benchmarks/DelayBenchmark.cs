using System.Globalization;
using JitsiMesh.Perf.Load;
using JitsiMesh.Perf.Results;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>
/// Added forwarding delay: from the sender's timestamp inside the packet, taken just before encryption, to the kernel's timestamp when the server's send call delivered the
/// copy to a receiver's socket. At the load that keeps Janus at half a core, in turns.
/// </summary>
internal sealed class DelayBenchmark : IBenchmark
{
    public string Name => "delay";

    public async Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        using var engine = new LoadEngine();
        await using var servers = await MediaServers.StartAsync(context, engine, withLoop: false);
        context.Say("warming up");
        foreach (var (_, profile) in ForwardBenchmark.Profiles) await servers.WarmUpAsync(context, profile);
        var rows = new List<Row>();
        foreach (var (name, profile) in ForwardBenchmark.Profiles) rows.AddRange(await MeasureAsync(context, engine, servers, name, profile));
        return rows;
    }

    private static async Task<IReadOnlyList<Row>> MeasureAsync(BenchmarkContext context, LoadEngine engine, MediaServers servers, string name, LoadProfile profile)
    {
        var medians = servers.All.ToDictionary(s => s, _ => new Samples());
        var tails = servers.All.ToDictionary(s => s, _ => new Samples());
        for (var round = 0; round < context.Rounds; round++)
        {
            foreach (var server in servers.All)
            {
                engine.Invoke(_ => Measure(server, true));
                await server.MeasureAsync(engine, profile, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(context.Seconds));
                var delays = engine.Read(_ =>
                {
                    var all = new Samples(server.Room.Receivers.SelectMany(r => r.Delays));
                    Measure(server, false);
                    return all;
                });
                medians[server].Add(delays.Percentile(50) / 1000);
                tails[server].Add(delays.Percentile(99) / 1000);
                context.Say($"round {round + 1} {server.Name}, {name}: p50 {Table.Number(delays.Percentile(50))} us, p99 {Table.Number(delays.Percentile(99))} us of {delays.Count} packets");
            }
        }

        return [Line("p50", medians, 0.3), Line("p99", tails, 2)];

        Row Line(string percentile, Dictionary<MediaServer, Samples> by, double limit)
        {
            var ours = by[servers.Ours];
            var theirs = servers.Janus is { } janus ? by[janus] : null;
            return new Row(
                $"added forwarding delay, {percentile}, {name}; Janus",
                Table.Spread(ours, "ms"),
                theirs is null ? servers.WhyMissing(loop: false) : Table.Spread(theirs, "ms"),
                theirs is null ? null : ours.Median / theirs.Median,
                Budget.AtMost(limit, $"< {limit.ToString(CultureInfo.InvariantCulture)} ms"),
                ours.Median);
        }
    }

    private static void Measure(MediaServer server, bool on)
    {
        foreach (var receiver in server.Room.Receivers)
        {
            receiver.MeasuresDelay = on;
            receiver.ForgetDelays();
        }
    }
}

using JitsiMesh.Perf.Load;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Perf.Results;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>
/// Packets forwarded per CPU second: one sender, twenty receivers, SRTP in both directions. The three servers run at the same time and get the same load in turns, slice by
/// slice, so that other activity of the machine affects all of them alike.
/// </summary>
internal sealed class ForwardBenchmark : IBenchmark
{
    public const int Receivers = 20;

    /// <summary>9.6 Mbit/s input: keeps Janus at about half a core, so that no server limits its own measurement.</summary>
    private const int PacketsPerSecond = 1000;

    /// <summary>Sent back to back every 5 ms, as the pacer of libwebrtc does, and one by one.</summary>
    public static readonly (string Name, LoadProfile Profile)[] Profiles =
        [("bursts of 5", new LoadProfile(PacketsPerSecond, 5)), ("one by one", new LoadProfile(PacketsPerSecond, 1))];

    public string Name => "forward";

    public async Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        using var engine = new LoadEngine();
        await using var servers = await MediaServers.StartAsync(context, engine, withLoop: true);
        context.Say("warming up");
        foreach (var (_, profile) in Profiles) await servers.WarmUpAsync(context, profile);
        var rows = new List<Row>();
        foreach (var (name, profile) in Profiles)
        {
            var results = await MeasureAsync(context, engine, servers, profile);
            var ours = results[servers.Ours];
            rows.Add(Against($"packets forwarded / CPU s, {Receivers} receivers, {name}; Janus", ours, servers.Janus, Budget.AtLeast(4, ">= 4 x Janus")));
            rows.Add(Against($"CPU of the same, {name}; C loop", ours, servers.Loop, Budget.AtMost(1.3, "<= 1.3 x C"), inverse: true));
            if (servers.Before is { } before) rows.Add(Row.Paired($"the same, {name}; the other build", ours.PerCpuSecond, results[before].PerCpuSecond));

            Row Against(string what, Slices own, MediaServer? peer, Budget budget, bool inverse = false)
            {
                if (peer is null) return new Row(what, Table.Spread(own.PerCpuSecond, "/s"), servers.WhyMissing(inverse), null, budget, null);
                var other = results[peer].PerCpuSecond;
                var ratio = inverse ? other.Median / own.PerCpuSecond.Median : own.PerCpuSecond.Median / other.Median;
                return new Row(what, Table.Spread(own.PerCpuSecond, "/s"), Table.Spread(other, "/s"), ratio, budget, ratio);
            }
        }

        return rows;
    }

    private static async Task<Dictionary<MediaServer, Slices>> MeasureAsync(BenchmarkContext context, LoadEngine engine, MediaServers servers, LoadProfile profile)
    {
        var results = servers.All.ToDictionary(s => s, _ => new Slices());
        for (var round = 0; round < context.Rounds; round++)
        {
            foreach (var server in servers.All)
            {
                var slice = await server.MeasureAsync(engine, profile, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(context.Seconds));
                results[server].PerCpuSecond.Add(slice.Packets / slice.CpuSeconds);
                context.Say($"round {round + 1} {server.Name}: {slice}");
                if (slice.Packets < slice.Sent * Receivers * 0.98) context.Say($"  {server.Name} did not forward everything: {slice.Packets} of {slice.Sent * Receivers}");
            }
        }

        return results;
    }

    private sealed class Slices
    {
        public Samples PerCpuSecond { get; } = new();
    }
}

using System.Globalization;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Perf.Results;
using JitsiMesh.Perf.Stanzas;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>
/// Stanzas delivered per CPU second of a whole cluster of two signalling nodes, broker and store among it, with records of sessions (they survive their node) and without. Both clusters run at the same time and
/// get the same load in turns. All clients are on one of the two nodes, so that about half of the rooms are owned where their occupants are.
/// </summary>
internal sealed class ClusterBenchmark : IBenchmark
{
    private const int Rooms = 10, Size = 10, SentPerSecond = 60;

    private static readonly string[] Measured = ["signalling-1", "signalling-2", "focus-1", "rabbitmq", "redis"];

    public string Name => "cluster";

    public async Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        await using var with = await StartAsync("1");
        await using var without = await StartAsync("0");
        await using var survives = await StanzaRoom.JoinAsync(DoorOf(with), Rooms, Size, throughFocus: true);
        await using var ends = await StanzaRoom.JoinAsync(DoorOf(without), Rooms, Size, throughFocus: true);
        using (var stop = new CancellationTokenSource())
        {
            var load = Task.WhenAll(survives.LoadAsync(SentPerSecond, stop.Token), ends.LoadAsync(SentPerSecond, stop.Token));
            foreach (var cluster in new[] { with, without })
            {
                foreach (var node in new[] { "signalling-1", "signalling-2" }) await WarmUp.RunAsync(context, cluster.ProcessOf(node));
            }

            await stop.CancelAsync();
            await load;
        }

        var (own, other) = (new Samples(), new Samples());
        for (var round = 0; round < context.Rounds; round++)
        {
            own.Add(await MeasureAsync(context, "with records", with, survives));
            other.Add(await MeasureAsync(context, "without records", without, ends));
        }

        // For information: what the promise costs.
        return [new Row("stanzas delivered / CPU s of a cluster, rooms of 10: with records of sessions against without", Table.Spread(own, "/s"), Table.Spread(other, "/s"), own.Median / other.Median, null, null)];
    }

    private static Task<ClusterProcess> StartAsync(string records) => ClusterProcess.StartAsync("signalling=2", new Dictionary<string, string> { ["MESH_SESSION_JOURNAL"] = records, ["MESH_MAX_CONNECTIONS_PER_ADDRESS"] = "1000" });

    private static Uri DoorOf(ClusterProcess cluster) => new(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{cluster.InnerPorts["signalling-1"]}/xmpp-websocket"));

    private static double CpuOf(ClusterProcess cluster) => Measured.Sum(name => ProcessCost.CpuSeconds(cluster.ProcessOf(name)));

    private static async Task<double> MeasureAsync(BenchmarkContext context, string name, ClusterProcess cluster, StanzaRoom room)
    {
        using var stop = new CancellationTokenSource();
        var load = room.LoadAsync(SentPerSecond, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var (delivered, cpu) = (room.Delivered, CpuOf(cluster));
        await Task.Delay(TimeSpan.FromSeconds(context.Seconds));
        (delivered, cpu) = (room.Delivered - delivered, CpuOf(cluster) - cpu);
        await stop.CancelAsync();
        await load;

        // What is still on its way, and the records of it, must not fall into the other cluster's slice.
        await Task.Delay(TimeSpan.FromSeconds(1));
        context.Say(string.Create(CultureInfo.InvariantCulture, $"{name}: {delivered / context.Seconds:0} deliveries/s, {cpu / context.Seconds * 100:0.0} % of a core, {delivered / cpu:0} deliveries/CPU s{(room.LostSomebody ? ", SOMEBODY WAS CUT OFF" : "")}"));
        return delivered / cpu;
    }
}

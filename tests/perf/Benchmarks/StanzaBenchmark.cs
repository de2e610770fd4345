using System.Globalization;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Perf.Results;
using JitsiMesh.Perf.Stanzas;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>Stanzas delivered per CPU second: presence and groupchat to all occupants of rooms of 10 and of 100. Both servers run at the same time and get the same load in turns.</summary>
internal sealed class StanzaBenchmark : IBenchmark
{
    private const int Occupants = 100;

    /// <summary>The room sizes, and the target deliveries per second: what Prosody handles with about two thirds of a core.</summary>
    private static readonly (int Size, int DeliveriesPerSecond)[] Loads = [(10, 1500), (100, 1000)];

    public string Name => "stanzas";

    public async Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        await using var mesh = await AllInOneProcess.StartAsync(null, context.Ports.Next, HostAddress.Value);
        await using var before = context.Against is { } program ? await AllInOneProcess.StartAsync(null, context.Ports.Next, HostAddress.Value, program) : null;
        await using var prosody = ProsodyServer.IsInstalled ? await ProsodyServer.StartAsync(context.Ports) : null;
        var rows = new List<Row>();
        foreach (var (size, rate) in Loads)
        {
            await using var ours = await StanzaRoom.JoinAsync(mesh.WebSocket, Occupants / size, size, throughFocus: true);
            await using var earlier = before is null ? null : await StanzaRoom.JoinAsync(before.WebSocket, Occupants / size, size, throughFocus: true);
            await using var theirs = prosody is null ? null : await StanzaRoom.JoinAsync(prosody.WebSocket, Occupants / size, size, throughFocus: false);
            context.Say($"rooms of {size}: joined");
            using (var stop = new CancellationTokenSource())
            {
                var load = Task.WhenAll(ours.LoadAsync((double)rate / size, stop.Token), earlier?.LoadAsync((double)rate / size, stop.Token) ?? Task.CompletedTask);
                await WarmUp.RunAsync(context, mesh.Id);
                if (before is not null) await WarmUp.RunAsync(context, before.Id);
                await stop.CancelAsync();
                await load;
            }

            var own = new Samples();
            var other = new Samples();
            var past = new Samples();
            for (var round = 0; round < context.Rounds; round++)
            {
                own.Add(await MeasureAsync(context, "JitsiMesh", mesh.Id, ours, rate / size, context.Seconds));
                if (earlier is not null) past.Add(await MeasureAsync(context, "before", before!.Id, earlier, rate / size, context.Seconds));
                if (theirs is not null) other.Add(await MeasureAsync(context, "Prosody", prosody!.Id, theirs, rate / size, context.Seconds));
            }

            var ratio = theirs is null ? (double?)null : own.Median / other.Median;
            rows.Add(new Row(
                $"stanzas delivered / CPU s, rooms of {size}",
                Table.Spread(own, "/s"),
                theirs is null ? "(missing: prosody is not installed)" : Table.Spread(other, "/s"),
                ratio,
                Budget.AtLeast(5, ">= 5 x Prosody"),
                ratio));
            if (before is not null) rows.Add(Row.Paired($"the same, rooms of {size}; the other build", own, past));
        }

        return rows;
    }

    private static async Task<double> MeasureAsync(BenchmarkContext context, string name, int pid, StanzaRoom room, double perSecond, double seconds)
    {
        using var stop = new CancellationTokenSource();
        var load = room.LoadAsync(perSecond, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(1));
        var (delivered, cpu) = (room.Delivered, ProcessCost.CpuSeconds(pid));
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        (delivered, cpu) = (room.Delivered - delivered, ProcessCost.CpuSeconds(pid) - cpu);
        await stop.CancelAsync();
        await load;

        // Stanzas still under way must not count for the other server's slice.
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        context.Say(string.Create(CultureInfo.InvariantCulture, $"{name}: {delivered / seconds:0} deliveries/s, {cpu / seconds * 100:0.0} % of a core, {delivered / cpu:0} deliveries/CPU s{(room.LostSomebody ? ", SOMEBODY WAS CUT OFF" : "")}"));
        return delivered / cpu;
    }
}

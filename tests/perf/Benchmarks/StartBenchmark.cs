using JitsiMesh.Kit.Processes;
using JitsiMesh.Perf.Processes;
using JitsiMesh.Perf.Results;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>From the start of the process to its line Ready: the built all-in-one as <c>./mesh up</c> starts it, each time with an empty data folder.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    public string Name => "start";

    public async Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        var samples = new Samples();
        for (var round = 0; round < context.Rounds; round++)
        {
            await using var mesh = await AllInOneProcess.StartAsync(null, context.Ports.Next, HostAddress.Value);
            samples.Add(mesh.StartTime.TotalSeconds);
            context.Say($"round {round + 1}: {Table.Number(mesh.StartTime.TotalSeconds)} s, {Table.Number(ProcessCost.CpuSeconds(mesh.Id))} CPU s");
        }

        return [new Row("cold start of the all-in-one to ready", Table.Spread(samples, "s"), "-", null, Budget.AtMost(2, "< 2 s"), samples.Median)];
    }
}

using System.Diagnostics;
using JitsiMesh.Perf.Benchmarks;
using JitsiMesh.Perf.Results;

namespace JitsiMesh.Perf.Processes;

/// <summary>
/// Waits under load until the process has its hot methods compiled for good. .NET does that in the background, on a thread of a known name, which at
/// first takes as much CPU as the work itself and then none: what is measured is a server that has run for a minute.
/// </summary>
internal static class WarmUp
{
    public const string Compiler = ".NET Tiered Compilation Worker";
    private const double Quiet = 0.01;
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(4);

    public static async Task RunAsync(BenchmarkContext context, int pid)
    {
        var started = Stopwatch.GetTimestamp();
        double share = 1;
        while (Stopwatch.GetElapsedTime(started) < Least || (share > Quiet && Stopwatch.GetElapsedTime(started) < Most))
        {
            var before = ProcessCost.ThreadCpuSeconds(pid, Compiler);
            await Task.Delay(Look);
            share = Math.Max(ProcessCost.ThreadCpuSeconds(pid, Compiler) - before, 0) / Look.TotalSeconds;
        }

        context.Say($"warmed up for {Table.Number(Stopwatch.GetElapsedTime(started).TotalSeconds)} s; compiling takes {Table.Number(share * 100)} % of a core");
    }
}

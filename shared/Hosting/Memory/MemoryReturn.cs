using System.Diagnostics.Metrics;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Memory;

/// <summary>
/// Gives memory back to the system when the calls are over (MESH_MEMORY_RETURN_AFTER). The runtime and libc keep what they once had, for work that may come: right in a call, and a waste on
/// a machine that waits for the next one. A collection that compacts stops all threads for some tens of milliseconds, so that it never runs beside a call.
/// </summary>
internal sealed partial class MemoryReturn(IEnumerable<WorkInProgress> work, MeshSettings settings, TimeProvider time, ILogger<MemoryReturn> logger) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly Meter Meter = new("JitsiMesh.Hosting");
    private static readonly Counter<long> Returns = Meter.CreateCounter<long>("jitsimesh.memory.returns", description: "How often the process gave memory back to the system after its work was done");

    private readonly WorkInProgress[] _work = [.. work];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var after = settings.Get(KnownSettings.MemoryReturnAfter);
        if (after == TimeSpan.Zero) return;
        var rule = new MemoryReturnRule(after);
        using var timer = new PeriodicTimer(after / 4 < LongestPause ? after / 4 : LongestPause, time);
        var (lastAt, lastCpu) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var (at, cpu) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var elapsed = time.GetElapsedTime(lastAt, at);
            if (elapsed <= TimeSpan.Zero) continue;
            var now = MonotonicTime.FromSeconds(time.GetElapsedTime(0, at).TotalSeconds);
            var isDue = rule.IsDue(now, Array.Exists(_work, one => one.IsBusy()), (cpu - lastCpu) / elapsed);
            (lastAt, lastCpu) = (at, cpu);
            if (!isDue) continue;
            Return();

            // The collection itself is no work.
            (lastAt, lastCpu) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
        }
    }

    private void Return()
    {
        var before = Environment.WorkingSet;
        ProcessMemory.Return();
        Returns.Add(1);
        LogReturned(before >> 20, Environment.WorkingSet >> 20);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "Memory is given back to the system: {Before} MiB before, {After} MiB now")]
    private partial void LogReturned(long before, long after);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Memory;

/// <summary>
/// Ends a process that exceeds its memory limit, if no container does: <see cref="ProcessMemory.TryHold"/> bounds only the heap. Unused memory is returned first, at most once
/// a minute because that stops all threads. Only a process that still exceeds its limit ends, as after a signal: its work moves to other nodes, and its service manager
/// restarts it.
/// </summary>
internal sealed partial class MemoryWatch(MemoryLimit limit, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<MemoryWatch> logger) : BackgroundService
{
    /// <summary>Looks one after another that find the process above its limit, after which it ends.</summary>
    internal const int Looks = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReturnPause = TimeSpan.FromMinutes(1);
    private long? _returnedAt;
    private int _above;

    /// <summary>Octets of the process in memory.</summary>
    internal Func<long> WorkingSet { get; init; } = static () => Environment.WorkingSet;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (IsOver()) return;
        }
    }

    /// <summary>Checks once; ends the process when nothing else helps.</summary>
    internal bool IsOver()
    {
        var left = WorkingSet();
        if (left > limit.Octets && (_returnedAt is not { } returned || time.GetElapsedTime(returned) >= ReturnPause))
        {
            _returnedAt = time.GetTimestamp();
            ProcessMemory.Return();
            left = WorkingSet();
        }

        _above = left > limit.Octets ? _above + 1 : 0;
        if (_above < Looks) return false;
        LogBeyond(limit.Name, left >> 20, limit.Octets >> 20);

        // For a service manager that restarts only failed services.
        Environment.ExitCode = 1;
        lifetime.StopApplication();
        return true;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Critical, Message = "{Setting}: the process has {WorkingSet} MiB and may have {Limit} MiB; it ends, to be started again")]
    private partial void LogBeyond(string setting, long workingSet, long limit);
}

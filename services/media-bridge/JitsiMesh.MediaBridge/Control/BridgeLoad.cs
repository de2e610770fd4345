using System.Globalization;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>How loaded the bridge is: stress 1.0 is full. Measured over the time between two calls of <see cref="Sample"/>.</summary>
internal sealed class BridgeLoad(MediaBridgeOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private (long Busy, long Total) _lastCpu;
    private TimeSpan _lastProcessCpu;
    private long _lastPackets;
    private long _lastTime;

    public double Stress { get; private set; }

    public double CpuUse { get; private set; }

    public double PacketsPerSecond { get; private set; }

    public bool IsOverloaded => Stress >= options.RefuseAtStress;

    /// <param name="packets">Packets in and out since the start.</param>
    public void Sample(long packets)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var elapsed = _lastTime == 0 ? 0 : time.GetElapsedTime(_lastTime, now).TotalSeconds;
            if (_lastTime != 0 && elapsed < 0.5) return;
            if (elapsed > 0) PacketsPerSecond = (packets - _lastPackets) / elapsed;
            _lastPackets = packets;
            _lastTime = now;
            CpuUse = SampleCpu(elapsed);
            Stress = options.FullLoadPacketsPerSecond > 0
                ? PacketsPerSecond / options.FullLoadPacketsPerSecond
                : CpuUse / options.FullLoadCpu;
        }
    }

    /// <summary>The whole machine's on Linux, since media shares it with whatever else runs; elsewhere this process's.</summary>
    private double SampleCpu(double elapsed)
    {
        if (TryReadMachine(out var current))
        {
            var (busy, total) = (current.Busy - _lastCpu.Busy, current.Total - _lastCpu.Total);
            var first = _lastCpu.Total == 0;
            _lastCpu = current;
            return first || total <= 0 ? 0 : (double)busy / total;
        }

        var process = Environment.CpuUsage.TotalTime;
        var used = (process - _lastProcessCpu).TotalSeconds;
        _lastProcessCpu = process;
        return elapsed <= 0 ? 0 : Math.Clamp(used / elapsed / Environment.ProcessorCount, 0, 1);
    }

    private static bool TryReadMachine(out (long Busy, long Total) cpu)
    {
        cpu = default;
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            using var reader = new StreamReader("/proc/stat");
            var fields = reader.ReadLine()?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields is null || fields.Length < 5 || fields[0] != "cpu") return false;
            long total = 0;
            for (var i = 1; i < Math.Min(fields.Length, 9); i++) total += long.Parse(fields[i], CultureInfo.InvariantCulture);

            // user nice system idle iowait irq softirq steal
            var idle = long.Parse(fields[4], CultureInfo.InvariantCulture) + (fields.Length > 5 ? long.Parse(fields[5], CultureInfo.InvariantCulture) : 0);
            cpu = (total - idle, total);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }
}

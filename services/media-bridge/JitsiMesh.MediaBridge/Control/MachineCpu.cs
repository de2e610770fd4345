using System.Diagnostics;
using System.Globalization;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Processor time since a fixed start, in one unit.</summary>
/// <param name="Busy">The used time.</param>
/// <param name="Total">The available time.</param>
internal readonly record struct MachineCpu(double Busy, double Total)
{
    /// <summary>The time of the whole machine on Linux; elsewhere the time of this process over all processors. Null: unavailable.</summary>
    public static MachineCpu? Read() => OperatingSystem.IsLinux()
        ? ReadLinux()
        : new MachineCpu(Environment.CpuUsage.TotalTime.TotalSeconds, Stopwatch.GetElapsedTime(0).TotalSeconds * Environment.ProcessorCount);

    private static MachineCpu? ReadLinux()
    {
        try
        {
            using var reader = new StreamReader("/proc/stat");
            return Parse(reader.ReadLine() ?? "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The line <c>cpu</c>: user nice system idle iowait irq softirq steal.</summary>
    internal static MachineCpu? Parse(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 5 || fields[0] != "cpu") return null;
        double total = 0, idle = 0;
        for (var i = 1; i < Math.Min(fields.Length, 9); i++)
        {
            if (!long.TryParse(fields[i], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)) return null;
            total += ticks;
            if (i is 4 or 5) idle += ticks;
        }

        return new MachineCpu(total - idle, total);
    }
}

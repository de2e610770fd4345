using System.Globalization;
using System.Runtime.InteropServices;

namespace JitsiMesh.Perf.Processes;

/// <summary>The resources that a process has used, according to the kernel.</summary>
internal static partial class ProcessCost
{
    private const int ProcessCpuClock = 2;

    /// <summary>
    /// CPU seconds of all threads, user and system, to the nanosecond: utime + stime of /proc/PID/stat through the process's clock, which is not
    /// rounded to ticks of 10 ms.
    /// </summary>
    public static double CpuSeconds(int pid)
    {
        // clock_getcpuclockid(3): the complement of the process id above three bits that name the kind of clock.
        var clock = (~pid << 3) | ProcessCpuClock;
        if (ReadClock(clock, out var time) != 0) throw new InvalidOperationException($"Process {pid} is gone.");
        return time.Seconds + (time.Nanoseconds / 1e9);
    }

    /// <summary>CPU seconds of the threads with this name (the kernel stores its first 15 characters).</summary>
    public static double ThreadCpuSeconds(int pid, string name)
    {
        var shortName = name.Length > 15 ? name[..15] : name;
        double total = 0;
        foreach (var task in Directory.EnumerateDirectories(Invariant($"/proc/{pid}/task")))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(task, "comm")).TrimEnd() != shortName) continue;
                total += long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture) / 1e9;
            }
            catch (IOException)
            {
                // The thread ended in the meantime.
            }
        }

        return total;
    }

    /// <summary>Resident bytes.</summary>
    public static long ResidentBytes(int pid) => StatusKibibytes(pid, "VmRSS:") * 1024;

    /// <summary>Resident bytes of this process only: without the pages of mapped files, which other processes share.</summary>
    public static long AnonymousBytes(int pid) => StatusKibibytes(pid, "RssAnon:") * 1024;

    private static long StatusKibibytes(int pid, string field)
    {
        var line = File.ReadLines(Invariant($"/proc/{pid}/status")).First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

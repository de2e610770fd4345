using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>What this process, which is the mesh and its clients at once, uses at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="WorkingSet">Bytes of memory in RAM.</param>
/// <param name="Managed">Bytes of live managed objects; exact only after <see cref="AfterCollection"/>.</param>
/// <param name="Native">Bytes that libc's allocator has given out (OpenSSL and the runtime's own); 0 where it cannot say.</param>
/// <param name="Cpu">Processor seconds of all threads.</param>
/// <param name="BridgeCpu">Of them those of the bridge's packet thread; 0 where threads have no names.</param>
/// <param name="ClientMediaCpu">Of them those of the headless endpoints' thread.</param>
public sealed record ProcessUse(MonotonicTime At, long WorkingSet, long Managed, long Native, double Cpu, double BridgeCpu, double ClientMediaCpu)
{
    private const double MiB = 1024 * 1024;

    /// <summary>Linux counts thread times in hundredths of a second.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Looks without disturbing anything.</summary>
    public static ProcessUse Now()
    {
        using var process = Process.GetCurrentProcess();
        return new ProcessUse(
            UdpEndpointRunner.Now, process.WorkingSet64, GC.GetTotalMemory(forceFullCollection: false), NativeInUse(),
            process.TotalProcessorTime.TotalSeconds, CpuOfThreads("media-bridge-"), CpuOfThreads("headless endpoi"));
    }

    /// <summary>Looks after a full collection that also gives pages back.</summary>
    public static ProcessUse AfterCollection()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return Now();
    }

    /// <summary>Processor seconds per second since then: all, bridge thread, client media thread, and the rest.</summary>
    public (double All, double Bridge, double ClientMedia, double Others) CpuPerSecondSince(ProcessUse before)
    {
        var seconds = (At - before.At).TotalSeconds;
        var (all, bridge, media) = ((Cpu - before.Cpu) / seconds, (BridgeCpu - before.BridgeCpu) / seconds, (ClientMediaCpu - before.ClientMediaCpu) / seconds);
        return (all, bridge, media, all - bridge - media);
    }

    public string Memory => string.Create(CultureInfo.InvariantCulture, $"working set {WorkingSet / MiB:F0} MiB, managed {Managed / MiB:F1} MiB, native {Native / MiB:F1} MiB");

    private static double CpuOfThreads(string name)
    {
        if (!OperatingSystem.IsLinux()) return 0;
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                // "id (name) state …": the name may hold spaces; user and system time are the 12th and 13th field behind it.
                var stat = File.ReadAllText(folder + "/stat");
                var end = stat.LastIndexOf(')');
                if (!stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end].StartsWith(name, StringComparison.Ordinal)) continue;
                var fields = stat[(end + 2)..].Split(' ');
                ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The thread has ended meanwhile.
            }
        }

        return ticks / TicksPerSecond;
    }

    private static long NativeInUse()
    {
        if (!OperatingSystem.IsLinux()) return 0;
        try
        {
            var info = MallInfo2();
            return (long)(info.InUse + info.Mapped);
        }
        catch (EntryPointNotFoundException)
        {
            // Another libc, or one before glibc 2.33.
            return 0;
        }
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern AllocatorInfo MallInfo2();

    [StructLayout(LayoutKind.Sequential)]
    private struct AllocatorInfo
    {
        public nuint Arena;
        public nuint FreeChunks;
        public nuint FastChunks;
        public nuint MappedRegions;
        public nuint Mapped;
        public nuint MostUsed;
        public nuint FastBytes;
        public nuint InUse;
        public nuint Free;
        public nuint Top;
    }
}

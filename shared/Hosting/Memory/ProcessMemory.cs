using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Hosting.Memory;

/// <summary>Controls the memory of the whole process.</summary>
internal static class ProcessMemory
{
    private static readonly Meter Meter = new("JitsiMesh.Hosting");
    private static readonly ObservableGauge<long> HeapLimitGauge = Meter.CreateObservableGauge("jitsimesh.memory.heap.limit", () => HeapLimit, "By",
        "What the heap may grow to at most: three quarters of the container's or the setting's limit, else all memory of the machine");

    /// <summary>Octets that the heap may grow to, as the garbage collector sees it.</summary>
    public static long HeapLimit => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Makes the limit of the heap a metric of this process.</summary>
    public static void Publish() => _ = HeapLimitGauge.Enabled;

    /// <summary>Limits the heap of this process from now on.</summary>
    /// <returns>False when another mechanism, usually a container's limit, already holds it below that and ends a process that exceeds it.</returns>
    /// <exception cref="SettingsException">The process has more than that already.</exception>
    public static bool TryHold(MemoryLimit limit)
    {
        if (HeapLimit <= limit.Heap) return false;
        AppContext.SetData("GCHeapHardLimit", (ulong)limit.Heap);
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException)
        {
            throw new SettingsException([$"{limit.Name}: the process has more than that before it has begun; give it more"]);
        }

        return true;
    }

    /// <summary>Returns unused memory to the system. Stops all threads for some tens of milliseconds.</summary>
    public static void Return()
    {
        // Twice: the second collection frees what finalizers of the first one held.
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        TrimAllocator();
    }

    /// <summary>OpenSSL, SQLite and the runtime itself allocate from libc.</summary>
    private static void TrimAllocator()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A libc other than glibc, which has no such call and keeps less memory.
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int MallocTrim(nuint pad);
}

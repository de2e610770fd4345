using System.Diagnostics;
using System.Runtime.InteropServices;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>The two clocks of the load: a monotonic one, and that of the kernel's timestamps.</summary>
internal static partial class LoadClock
{
    public static MonotonicTime Now => new((long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)));

    /// <summary>Nanoseconds since 1970.</summary>
    public static long WallNanoseconds => ReadClock(0, out var time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;

    private static readonly long WallAhead = WallNanoseconds - Now.Nanoseconds;

    /// <summary>A stamp of the kernel's on the other clock.</summary>
    public static MonotonicTime FromWall(long nanoseconds) => new(nanoseconds - WallAhead);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

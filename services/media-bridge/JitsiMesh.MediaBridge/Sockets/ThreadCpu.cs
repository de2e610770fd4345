namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>CPU time of the calling thread.</summary>
internal static class ThreadCpu
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID.</summary>
    private const int ThreadClock = 3;

    /// <summary>Null where the system does not provide it.</summary>
    public static unsafe TimeSpan? Now()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess) return null;
        Native.TimeSpec time;
        if (Native.GetTime(ThreadClock, &time) != 0) return null;
        return TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
    }
}

using JitsiMesh.Primitives;

namespace JitsiMesh.Simulation.Tests.Scheduling;

/// <summary>A clock that only the scheduler advances.</summary>
public sealed class SimulatedTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public TimeSpan Elapsed { get; set; }

    public MonotonicTime Now => MonotonicTime.Zero + Elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + Elapsed;

    public override long GetTimestamp() => Elapsed.Ticks;
}

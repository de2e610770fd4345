namespace JitsiMesh.Primitives;

/// <summary>
/// A point on a clock that never goes back, in nanoseconds since an origin that only its owner knows. Each input of a protocol machine carries it;
/// no machine reads a clock itself.
/// </summary>
public readonly record struct MonotonicTime(long Nanoseconds) : IComparable<MonotonicTime>
{
    public static readonly MonotonicTime Zero;

    /// <summary>A time that is never reached: the deadline of a machine that waits for nothing.</summary>
    public static readonly MonotonicTime Never = new(long.MaxValue);

    public static MonotonicTime FromMilliseconds(long milliseconds) => new(milliseconds * 1_000_000);

    public static MonotonicTime FromSeconds(double seconds) => new((long)(seconds * 1e9));

    public double TotalSeconds => Nanoseconds / 1e9;

    public long TotalMilliseconds => Nanoseconds / 1_000_000;

    public long TotalMicroseconds => Nanoseconds / 1_000;

    public int CompareTo(MonotonicTime other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public static MonotonicTime Min(MonotonicTime a, MonotonicTime b) => a.Nanoseconds <= b.Nanoseconds ? a : b;

    public static MonotonicTime Max(MonotonicTime a, MonotonicTime b) => a.Nanoseconds >= b.Nanoseconds ? a : b;

    public static MonotonicTime operator +(MonotonicTime time, TimeSpan span) => new(time.Nanoseconds + (span.Ticks * 100));

    public static MonotonicTime operator -(MonotonicTime time, TimeSpan span) => new(time.Nanoseconds - (span.Ticks * 100));

    public static TimeSpan operator -(MonotonicTime a, MonotonicTime b) => TimeSpan.FromTicks((a.Nanoseconds - b.Nanoseconds) / 100);

    public static bool operator <(MonotonicTime a, MonotonicTime b) => a.Nanoseconds < b.Nanoseconds;

    public static bool operator >(MonotonicTime a, MonotonicTime b) => a.Nanoseconds > b.Nanoseconds;

    public static bool operator <=(MonotonicTime a, MonotonicTime b) => a.Nanoseconds <= b.Nanoseconds;

    public static bool operator >=(MonotonicTime a, MonotonicTime b) => a.Nanoseconds >= b.Nanoseconds;

    public override string ToString() => FormattableString.Invariant($"{TotalSeconds:0.000000}s");
}

using JitsiMesh.Primitives;

namespace JitsiMesh.Focus;

/// <summary>The time of conferences: monotonic, with the origin 1970, so that a deadline that one node wrote means the same to the next, as far as their clocks agree.</summary>
public sealed class FocusClock
{
    private readonly TimeProvider _time;
    private readonly long _startTimestamp;
    private readonly MonotonicTime _start;

    public FocusClock(TimeProvider time)
    {
        _time = time;
        _startTimestamp = time.GetTimestamp();
        _start = MonotonicTime.Zero + (time.GetUtcNow() - DateTimeOffset.UnixEpoch);
    }

    public TimeProvider Provider => _time;

    public MonotonicTime Now => _start + _time.GetElapsedTime(_startTimestamp);
}

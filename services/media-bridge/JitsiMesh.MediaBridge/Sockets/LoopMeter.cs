using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>The measurements of a loop since its start.</summary>
/// <param name="At">The time of the measurement.</param>
/// <param name="Busy">The CPU time of the loop's thread.</param>
/// <param name="Late">The total lateness of all due events.</param>
/// <param name="Due">The number of due events: timers, commands, and of each batch one datagram that waited in the socket.</param>
public readonly record struct LoopUse(MonotonicTime At, TimeSpan Busy, TimeSpan Late, long Due);

/// <summary>Measures a loop from within: its CPU time and its lateness. Written by its thread, readable from any thread.</summary>
/// <param name="threadCpu">CPU time of the calling thread; null where it is unavailable: then all time counts in which the loop did not sleep.</param>
public sealed class LoopMeter(Func<TimeSpan?> threadCpu)
{
    private readonly Lock _lock = new();
    private MonotonicTime _nextPublish = MonotonicTime.Zero;
    private TimeSpan _late;
    private TimeSpan _slept;
    private long _due;
    private LoopUse _published;

    /// <summary>The last published measurements. A stuck loop publishes nothing new.</summary>
    public LoopUse Published
    {
        get
        {
            lock (_lock) return _published;
        }
    }

    /// <summary>Records the lateness of work that was just done.</summary>
    public void OnDone(TimeSpan late)
    {
        _due++;
        if (late > TimeSpan.Zero) _late += late;
    }

    public void OnSlept(TimeSpan time) => _slept += time;

    public void OnTurn(MonotonicTime now)
    {
        if (now < _nextPublish) return;
        _nextPublish = now + LoopLimits.MeterInterval;
        var use = new LoopUse(now, threadCpu() ?? (now - MonotonicTime.Zero - _slept), _late, _due);
        lock (_lock) _published = use;
    }
}

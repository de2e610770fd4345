using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>What a loop has done since its start.</summary>
/// <param name="At">When that was.</param>
/// <param name="Busy">CPU time of its thread.</param>
/// <param name="Late">How late all that it was late with was, added up.</param>
/// <param name="Due">How many things were due: timers, commands, datagrams that lay in the socket, one of each batch.</param>
public readonly record struct LoopUse(MonotonicTime At, TimeSpan Busy, TimeSpan Late, long Due);

/// <summary>Measures a loop from within: what CPU time it takes and how late it comes to what is due. Written by its thread, read by anyone.</summary>
/// <param name="threadCpu">CPU time of the calling thread; null where the system does not tell it: then all time counts that it did not sleep.</param>
public sealed class LoopMeter(Func<TimeSpan?> threadCpu)
{
    private readonly Lock _lock = new();
    private MonotonicTime _nextPublish = MonotonicTime.Zero;
    private TimeSpan _late;
    private TimeSpan _slept;
    private long _due;
    private LoopUse _published;

    /// <summary>As the loop told it last. A loop that is stuck tells nothing new.</summary>
    public LoopUse Published
    {
        get
        {
            lock (_lock) return _published;
        }
    }

    /// <summary>Something was done that was due so long ago.</summary>
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

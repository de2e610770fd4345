using JitsiMesh.MediaBridge.Sockets;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>
/// The load of the bridge: stress 1.0 is full. The maximum of three parts: the media thread's use of one processor, its lateness, and the use of the whole machine, because
/// media share it with other processes. Each is measured between two calls of <see cref="Sample"/>; the last two are smoothed, so that one garbage collection is no overload.
/// Lateness of few events is chance and does not count. New conferences are refused only after two full samples in a row.
/// </summary>
internal sealed class BridgeLoad(MediaBridgeOptions options, TimeProvider time, Func<MachineCpu?>? machine = null)
{
    /// <summary>The weight of the newest sample in the smoothed values.</summary>
    private const double Newest = 0.5;

    /// <summary>Fewer due events in one sample do not count for lateness: one stall of an idle loop would dominate them.</summary>
    internal const int FewestDue = 50;

    /// <summary>Consecutive samples at or above the threshold that count as overload.</summary>
    internal const int FullSamples = 2;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(0.5);
    private readonly Func<MachineCpu?> _readMachine = machine ?? MachineCpu.Read;
    private readonly Lock _lock = new();
    private MachineCpu? _lastMachine;
    private LoopUse _lastLoop;
    private long _lastTime;
    private bool _started;
    private int _full;

    public double Stress { get; private set; }

    /// <summary>The stress of the media thread alone. New conferences are refused by this value, because other processes on the machine may end at any moment.</summary>
    public double LoopStress { get; private set; }

    /// <summary>The media thread's share of one processor.</summary>
    public double ThreadUse { get; private set; }

    /// <summary>The average lateness of the media thread.</summary>
    public TimeSpan Lag { get; private set; }

    /// <summary>The used share of the machine.</summary>
    public double MachineUse { get; private set; }

    public bool IsOverloaded => options.RefuseAtStress > 0 && _full >= FullSamples;

    /// <param name="loop">The loop's current measurements.</param>
    public void Sample(LoopUse loop)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var elapsed = _started ? time.GetElapsedTime(_lastTime, now) : TimeSpan.Zero;
            if (_started && elapsed < ShortestInterval) return;
            var current = _readMachine();
            if (_started)
            {
                SampleLoop(loop, elapsed);
                SampleMachine(current);
                LoopStress = Math.Max(ThreadUse / options.FullLoadThread, Lag / options.FullLoadLag);
                _full = LoopStress >= options.RefuseAtStress ? Math.Min(_full + 1, FullSamples) : 0;
                Stress = Math.Max(LoopStress, MachineUse / options.FullLoadCpu);
            }

            _started = true;
            _lastLoop = loop;
            _lastMachine = current;
            _lastTime = now;
        }
    }

    private void SampleLoop(LoopUse loop, TimeSpan elapsed)
    {
        var told = loop.At - _lastLoop.At;
        if (told <= TimeSpan.Zero)
        {
            // The loop completed no turn in that time: it is stuck.
            ThreadUse = 1;
            Lag = Even(Lag, elapsed);
            return;
        }

        ThreadUse = Math.Clamp((loop.Busy - _lastLoop.Busy) / told, 0, 1);
        var due = loop.Due - _lastLoop.Due;
        Lag = Even(Lag, due >= FewestDue ? (loop.Late - _lastLoop.Late) / due : TimeSpan.Zero);
    }

    private void SampleMachine(MachineCpu? current)
    {
        if (current is not { } now || _lastMachine is not { } last || now.Total <= last.Total) return;
        var use = Math.Clamp((now.Busy - last.Busy) / (now.Total - last.Total), 0, 1);
        MachineUse = (Newest * use) + ((1 - Newest) * MachineUse);
    }

    private static TimeSpan Even(TimeSpan old, TimeSpan sample) => (Newest * sample) + ((1 - Newest) * old);
}

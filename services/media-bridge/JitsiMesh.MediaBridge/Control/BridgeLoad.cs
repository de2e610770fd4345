using JitsiMesh.MediaBridge.Sockets;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>
/// How loaded the bridge is: stress 1.0 is full. The greatest of three parts: what the media thread takes of the one processor it can have, how late it
/// comes to what is due, and what the whole machine takes, since media shares it with other processes. Each is measured over the time between two
/// calls of <see cref="Sample"/>; the last two are evened out, so that one collection of garbage is no overload.
/// Lateness of few things is chance and does not count. It takes two full samples in a row to refuse anything.
/// </summary>
internal sealed class BridgeLoad(MediaBridgeOptions options, TimeProvider time, Func<MachineCpu?>? machine = null)
{
    /// <summary>Of the newest sample in what is evened out.</summary>
    private const double Newest = 0.5;

    /// <summary>Fewer things due in one sample say nothing about lateness: one stall of an idle loop would be most of it.</summary>
    internal const int FewestDue = 50;

    /// <summary>Samples in a row at or above the threshold that make an overload.</summary>
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

    /// <summary>Stress of the media thread alone: a new conference is refused by it, since what else runs on the machine may end at any moment.</summary>
    public double LoopStress { get; private set; }

    /// <summary>Share of one processor that the media thread takes.</summary>
    public double ThreadUse { get; private set; }

    /// <summary>How late the media thread comes to what is due, on average.</summary>
    public TimeSpan Lag { get; private set; }

    /// <summary>Share of the machine that is in use.</summary>
    public double MachineUse { get; private set; }

    public bool IsOverloaded => options.RefuseAtStress > 0 && _full >= FullSamples;

    /// <param name="loop">As the loop tells it now.</param>
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
            // Not one turn in all that time: it is stuck in something.
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

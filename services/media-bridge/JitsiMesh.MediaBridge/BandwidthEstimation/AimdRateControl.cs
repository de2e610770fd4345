using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>
/// Raises and lowers the delay based rate: additive near the capacity at the last overuse, by 8 % a second far from it, and down to 85 % of the throughput (libwebrtc:
/// aimd_rate_control.cc).
/// </summary>
internal sealed class AimdRateControl(Bitrate start)
{
    private const double Decrease = 0.85;
    private const double IncreasePerSecond = 1.08;
    private const double MaxOverAcknowledged = 1.5;
    private static readonly Bitrate Headroom = new(10_000);
    private static readonly Bitrate MinIncreasePerSecond = new(4_000);
    private static readonly Bitrate DecreaseMargin = new(5_000);

    private readonly LinkCapacity _capacity = new();
    private State _state = State.Hold;
    private MonotonicTime _lastChange;
    private MonotonicTime _lastDecrease;
    private bool _started;
    private bool _decreased;

    private enum State
    {
        Hold,
        Increase,
        Decrease,
    }

    public Bitrate Rate { get; private set; } = start;

    public TimeSpan RoundTrip { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The rate before the last decrease, for a probe after a steep decrease.</summary>
    public Bitrate BeforeDecrease { get; private set; }

    public MonotonicTime LastDecrease => _lastDecrease;

    public bool HasDecreased => _decreased;

    public void Update(BandwidthUsage usage, Bitrate? acknowledged, MonotonicTime now)
    {
        if (!_started)
        {
            _started = true;
            _lastChange = now;
        }

        _state = usage switch
        {
            BandwidthUsage.Overusing => State.Decrease,
            BandwidthUsage.Underusing => State.Hold,
            _ => State.Increase,
        };
        switch (_state)
        {
            case State.Increase:
                Raise(acknowledged, now);
                break;
            case State.Decrease when TimeToReduce(acknowledged, now):
                Lower(acknowledged, now);
                break;
        }

        _lastChange = now;
    }

    /// <summary>Takes a probed rate: it becomes the rate and a sample of the capacity.</summary>
    public void SetProbed(Bitrate rate, MonotonicTime now)
    {
        _capacity.OnProbe(rate);
        Rate = Clamp(rate);
        _lastChange = now;
    }

    private void Raise(Bitrate? acknowledged, MonotonicTime now)
    {
        if (acknowledged is { } through && _capacity.IsKnown && through > _capacity.Upper) _capacity.Reset();
        var elapsed = Math.Clamp((now - _lastChange).TotalSeconds, 0, 1);
        var raised = _capacity.IsKnown
            ? Rate + (AdditivePerSecond() * elapsed)
            : Bitrate.Max(Rate * Math.Pow(IncreasePerSecond, elapsed), Rate + new Bitrate((long)(1000 * elapsed)));

        // Traffic that does not use the rate must not let it grow unproven.
        if (acknowledged is { } limit) raised = Bitrate.Min(raised, (limit * MaxOverAcknowledged) + Headroom);
        if (raised > Rate) Rate = Clamp(raised);
    }

    private Bitrate AdditivePerSecond()
    {
        const double FramesPerSecond = 30;
        const double PacketBits = 1200 * 8;
        var frameBits = Rate.BitsPerSecond / FramesPerSecond;
        var averagePacketBits = frameBits / Math.Ceiling(Math.Max(frameBits, 1) / PacketBits);
        var response = RoundTrip.TotalSeconds + 0.1;
        return Bitrate.Max(MinIncreasePerSecond, new Bitrate((long)(averagePacketBits / response)));
    }

    private bool TimeToReduce(Bitrate? acknowledged, MonotonicTime now)
    {
        if (!_decreased) return true;
        var wait = TimeSpan.FromMilliseconds(Math.Clamp(RoundTrip.TotalMilliseconds, 10, 200));
        return now - _lastDecrease >= wait || (acknowledged is { } through && through < Rate * 0.5);
    }

    private void Lower(Bitrate? acknowledged, MonotonicTime now)
    {
        BeforeDecrease = Rate;
        if (acknowledged is { } through)
        {
            var lowered = through * Decrease;
            if (lowered > DecreaseMargin) lowered -= DecreaseMargin;

            // A throughput above the current rate comes from an old burst: decrease from the known capacity instead.
            if (lowered > Rate && _capacity.IsKnown) lowered = Bitrate.Min(lowered, _capacity.Upper * Decrease);
            if (lowered < Rate) Rate = Clamp(lowered);
            if (_capacity.IsKnown && through < _capacity.Lower) _capacity.Reset();
            _capacity.OnOveruse(through);
        }
        else
        {
            Rate = Clamp(Rate * Decrease);
        }

        _state = State.Hold;
        _decreased = true;
        _lastDecrease = now;
    }

    private static Bitrate Clamp(Bitrate rate) => Bitrate.Max(BandwidthLimits.Minimum, Bitrate.Min(BandwidthLimits.Maximum, rate));
}

using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>
/// A ceiling from loss: above 10 % loss it falls by half the loss, between 2 % and 10 % it stays, below 2 % it rises by 8 % a second until it no longer limits the rate
/// (libwebrtc: send_side_bandwidth_estimation.cc; the rule of draft-ietf-rmcat-gcc-02 section 6).
/// </summary>
internal sealed class LossControl
{
    private const double LowLoss = 0.02;
    private const double HighLoss = 0.10;
    private const double IncreasePerSecond = 1.08;
    private const int MinPackets = 20;
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DecreaseInterval = TimeSpan.FromMilliseconds(300);
    private static readonly Bitrate Increment = new(1_000);

    private int _expected;
    private int _lost;
    private bool _started;
    private MonotonicTime _intervalStart;
    private MonotonicTime _lastChange;
    private MonotonicTime _lastDecrease;
    private bool _decreased;

    /// <summary>Null while loss does not limit anything.</summary>
    public Bitrate? Ceiling { get; private set; }

    /// <summary>Of the last full interval, 0..1.</summary>
    public double LossFraction { get; private set; }

    /// <summary>Loss does not limit the rate.</summary>
    public bool IsLow => LossFraction < LowLoss;

    public void OnLost() => Count(1, 1);

    public void OnReceived() => Count(1, 0);

    /// <summary>A packet that was reported lost has arrived.</summary>
    public void OnRecovered() => Count(0, -1);

    public void Update(Bitrate current, Bitrate delayBased, TimeSpan roundTrip, MonotonicTime now)
    {
        if (!_started)
        {
            _started = true;
            _intervalStart = now;
            _lastChange = now;
        }

        if (_expected < MinPackets || now - _intervalStart < MinInterval) return;
        LossFraction = Math.Clamp(_lost / (double)_expected, 0, 1);
        _expected = 0;
        _lost = 0;
        _intervalStart = now;

        var elapsed = Math.Clamp((now - _lastChange).TotalSeconds, 0, 1);
        _lastChange = now;
        if (LossFraction > HighLoss)
        {
            if (_decreased && now - _lastDecrease < DecreaseInterval + roundTrip) return;
            Ceiling = Bitrate.Max(BandwidthLimits.Minimum, current * (1 - (LossFraction / 2)));
            _decreased = true;
            _lastDecrease = now;
        }
        else if (LossFraction >= LowLoss)
        {
            Ceiling = Ceiling is { } held ? Bitrate.Min(held, current) : current;
        }
        else if (Ceiling is { } ceiling)
        {
            ceiling = (ceiling * Math.Pow(IncreasePerSecond, elapsed)) + Increment;
            Ceiling = ceiling >= delayBased ? null : ceiling;
        }
    }

    /// <summary>A probe succeeded above the ceiling without loss.</summary>
    public void OnProbe(Bitrate rate)
    {
        if (Ceiling is { } ceiling && rate > ceiling && LossFraction < LowLoss) Ceiling = rate;
    }

    /// <summary>Lowers the ceiling when the receiver sends no feedback.</summary>
    public void Starve(Bitrate ceiling) => Ceiling = Bitrate.Max(BandwidthLimits.Minimum, ceiling);

    private void Count(int expected, int lost)
    {
        _expected += expected;
        _lost += lost;
    }
}

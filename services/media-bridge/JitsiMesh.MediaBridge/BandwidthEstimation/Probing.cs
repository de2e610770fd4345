using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>A request to send at a rate above the estimate for a short time, with padding or retransmissions. The sender reports each packet to the estimator with this id.</summary>
/// <param name="Id">The id for every packet of the cluster.</param>
/// <param name="Rate">Media and padding together.</param>
/// <param name="MinPackets">The minimum number of packets.</param>
/// <param name="MinBytes">The minimum number of bytes.</param>
public readonly record struct ProbeCluster(short Id, Bitrate Rate, int MinPackets, int MinBytes)
{
    /// <summary>The id of packets that belong to no cluster.</summary>
    public const short None = -1;
}

/// <summary>
/// Decides when to probe: at three and six times the start rate at first, at twice the result as long as a probe reaches 70 % of its rate, at 85 % of the old rate after a
/// steep decrease, and at twice the rate every five seconds while the traffic does not use it (libwebrtc: probe_controller.cc). It also probes where the path is calm and the
/// rate is below half of the usable rate, at growing intervals while probes fail: from far below, 8 % a second would take minutes. It never probes for more than the receivers
/// could use.
/// </summary>
internal sealed class ProbeController
{
    private const int MinPackets = 5;
    private const double ClusterSeconds = 0.015;
    private const double Further = 0.7;
    private const double SteepFall = 0.66;
    private const double AfterFall = 0.85;
    private static readonly TimeSpan ResultTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(5);
    private const int MaxDoublings = 3;
    private static readonly TimeSpan FallWindow = TimeSpan.FromSeconds(5);

    private readonly Queue<ProbeCluster> _queue = new(BandwidthLimits.MaxProbeClusters);
    private short _nextId;
    private bool _begun;
    private Bitrate _lastProbe;
    private MonotonicTime _lastRequest;
    private MonotonicTime _probedFall;
    private int _fruitless;

    /// <summary>The rate above which no sender would send more; probes go up to twice this rate.</summary>
    public Bitrate UsefulRate { get; set; } = BandwidthLimits.Maximum;

    public bool TryTake(out ProbeCluster cluster) => _queue.TryDequeue(out cluster);

    public void OnTick(Bitrate estimate, bool applicationLimited, bool calm, AimdRateControl control, MonotonicTime now)
    {
        if (!_begun)
        {
            _begun = true;
            Request(estimate * 3, now);
            Request(estimate * 6, now);
            return;
        }

        if (now - _lastRequest < ResultTimeout) return;
        if (control.HasDecreased && control.LastDecrease > _probedFall && now - control.LastDecrease < FallWindow && now - control.LastDecrease > ResultTimeout
            && estimate < control.BeforeDecrease * SteepFall)
        {
            _probedFall = control.LastDecrease;
            Request(control.BeforeDecrease * AfterFall, now);
            return;
        }

        if (applicationLimited && now - _lastRequest >= IdleInterval)
        {
            Request(estimate * 2, now);
        }
        else if (calm && estimate * 2 < UsefulRate && now - _lastRequest >= IdleInterval * (1 << _fruitless))
        {
            _fruitless = Math.Min(_fruitless + 1, MaxDoublings);
            Request(estimate * 2, now);
        }
    }

    public void OnResult(Bitrate found, MonotonicTime now)
    {
        if (now - _lastRequest > ResultTimeout || found < _lastProbe * Further) return;
        _fruitless = 0;
        Request(found * 2, now);
    }

    private void Request(Bitrate rate, MonotonicTime now)
    {
        rate = Bitrate.Min(rate, Bitrate.Min(UsefulRate * 2, BandwidthLimits.Maximum));
        if (_queue.Count == BandwidthLimits.MaxProbeClusters || rate <= BandwidthLimits.Minimum || (rate <= _lastProbe && now - _lastRequest < ResultTimeout)) return;
        _lastProbe = rate;
        _lastRequest = now;
        _queue.Enqueue(new ProbeCluster(_nextId, rate, MinPackets, (int)(rate.BitsPerSecond * ClusterSeconds / 8)));
        _nextId = (short)((_nextId + 1) & 0x7FFF);
    }
}

using System.Runtime.CompilerServices;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>
/// The bridge's estimate of the downlink to one receiver, from its transport-wide feedback: the smaller of a delay based rate (gradient of the queueing delay, additive
/// increase and multiplicative decrease) and a ceiling from loss. Follows GoogCC of libwebrtc; the README of this folder lists the differences. One owner, no clock, no
/// allocation per packet or feedback.
/// </summary>
public sealed class BandwidthEstimator
{
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan SilenceInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StreamTimeout = TimeSpan.FromSeconds(2);
    private const double SilenceFactor = 0.8;
    private const double ApplicationLimitedBelow = 0.65;

    private readonly SentPacketHistory _history = new();
    private readonly PacketGroups _groups = new();
    private readonly TrendlineDetector _trendline = new();
    private readonly ThroughputMeter _throughput = new();
    private readonly LossControl _loss = new();
    private readonly ProbeController _probes = new();
    private readonly ProbeResults _probeResults = new();
    private readonly AimdRateControl _control;
    private AcknowledgedPacket[] _batch = new AcknowledgedPacket[64];
    private MonotonicTime _lastFeedback;
    private MonotonicTime _lastReport;
    private MonotonicTime _lastSent;
    private MonotonicTime _lastStarved;
    private bool _waiting;
    private int? _lastReference;
    private long _referenceUnrolled;

    public BandwidthEstimator()
        : this(BandwidthLimits.Initial)
    {
    }

    public BandwidthEstimator(Bitrate initial)
    {
        _control = new AimdRateControl(initial);
        Estimate = initial;
    }

    /// <summary>The rate that may be sent to this receiver: media, retransmissions and padding together.</summary>
    public Bitrate Estimate { get; private set; }

    /// <summary>Whether any feedback has arrived: before that the estimate is only the start value.</summary>
    public bool HasFeedback { get; private set; }

    /// <summary>The recent throughput; null before there are enough packets.</summary>
    public Bitrate? Acknowledged => _throughput.Rate;

    /// <summary>Loss over the last interval with enough packets, 0..1.</summary>
    public double LossFraction => _loss.LossFraction;

    public TimeSpan RoundTrip => _control.RoundTrip;

    /// <summary>Feedback for numbers that were never sent or are forgotten.</summary>
    public long UnmatchedFeedback { get; private set; }

    internal BandwidthUsage Usage => _trendline.Usage;

    internal Bitrate DelayBased => _control.Rate;

    internal Bitrate? LossCeiling => _loss.Ceiling;

    /// <param name="twccSequence">The packet's transport-wide number.</param>
    /// <param name="bytes">The packet's size including all overhead that uses bandwidth.</param>
    /// <param name="now">When the packet was passed to the socket.</param>
    /// <param name="probeCluster">The probe cluster of the packet.</param>
    public void OnPacketSent(ushort twccSequence, int bytes, MonotonicTime now, short probeCluster = ProbeCluster.None)
    {
        _history.Add(twccSequence, bytes, probeCluster, now);
        if (!_waiting) _lastFeedback = MonotonicTime.Max(_lastFeedback, now);
        _waiting = true;
        _lastSent = now;
    }

    public void OnRttUpdate(TimeSpan roundTrip)
    {
        if (roundTrip > TimeSpan.Zero) _control.RoundTrip = roundTrip;
    }

    /// <summary>Sets the rate that could be sent if the estimate allowed it: probes go up to twice this rate.</summary>
    public void OnUsefulRate(Bitrate rate) => _probes.UsefulRate = rate;

    /// <summary>The probe to send now, if one is due.</summary>
    public bool TryGetProbe(out ProbeCluster cluster) => _probes.TryTake(out cluster);

    public void OnFeedback(in TransportFeedbackView feedback, MonotonicTime now)
    {
        var count = Match(feedback);
        if (count < 0) return;
        if (HasFeedback && now - _lastReport > StreamTimeout)
        {
            // The delay between the groups before and after a pause is not queueing: the route or a clock may have changed.
            _groups.Reset();
            _trendline.Reset();
        }

        HasFeedback = true;
        _lastReport = now;
        _lastFeedback = now;
        _waiting = false;

        Bitrate? probed = null;
        var overused = false;
        var newTrend = false;
        for (var i = 0; i < count; i++)
        {
            ref readonly var packet = ref _batch[i];
            _throughput.Add(packet);
            if (packet.ProbeCluster >= 0) probed = _probeResults.Add(packet) ?? probed;
            if (!_groups.Add(packet, out var delta)) continue;
            _trendline.Update(delta);
            newTrend = true;
            overused |= _trendline.Usage == BandwidthUsage.Overusing;
        }

        _throughput.Update();
        if (overused)
        {
            _control.Update(BandwidthUsage.Overusing, _throughput.Rate, now);
        }
        else if (probed is { } rate)
        {
            if (rate > _control.Rate) _control.SetProbed(rate, now);
            _loss.OnProbe(rate);
            _probes.OnResult(rate, now);
        }
        else if (newTrend || count > 0)
        {
            // An overuse that ended, without a new verdict yet, must not be acted on twice.
            var usage = _trendline.Usage == BandwidthUsage.Overusing && !newTrend ? BandwidthUsage.Underusing : _trendline.Usage;
            _control.Update(usage, _throughput.Rate, now);
        }

        _loss.Update(Estimate, _control.Rate, _control.RoundTrip, now);
        UpdateEstimate();
    }

    /// <summary>Must be called about every 25 ms: handles starvation and probes.</summary>
    public void OnTick(MonotonicTime now)
    {
        if (_waiting && now - _lastSent < StreamTimeout && (now - _lastFeedback > SilenceTimeout || _control.RoundTrip > SilenceTimeout) && now - _lastStarved >= SilenceInterval)
        {
            _lastStarved = now;
            _loss.Starve(Estimate * SilenceFactor);
            UpdateEstimate();
        }

        if (!HasFeedback) return;
        var applicationLimited = _throughput.Rate is { } through && through < Estimate * ApplicationLimitedBelow;
        if (_probes.UsefulRate > Estimate) _probes.OnTick(Estimate, applicationLimited, _trendline.Usage == BandwidthUsage.Normal && _loss.IsLow, _control, now);
    }

    private void UpdateEstimate()
    {
        var estimate = _loss.Ceiling is { } ceiling ? Bitrate.Min(ceiling, _control.Rate) : _control.Rate;
        Estimate = Bitrate.Max(BandwidthLimits.Minimum, Bitrate.Min(BandwidthLimits.Maximum, estimate));
    }

    /// <summary>Fills the batch with the newly acknowledged packets in order of arrival.</summary>
    /// <returns>Their count, or -1 when the feedback matches no sent packet.</returns>
    private int Match(in TransportFeedbackView feedback)
    {
        var offset = Unroll(feedback.ReferenceTime) - feedback.ReferenceTime;
        var count = 0;
        var matched = false;
        foreach (var status in feedback.Statuses)
        {
            ref var packet = ref _history.Find(status.SequenceNumber);
            if (Unsafe.IsNullRef(ref packet))
            {
                UnmatchedFeedback++;
                continue;
            }

            matched = true;
            if (!status.Received)
            {
                if (packet.State != SentPacketState.InFlight) continue;
                packet.State = SentPacketState.ReportedLost;
                _loss.OnLost();
                continue;
            }

            // A window may be reported again when it contains a late packet.
            if (packet.State == SentPacketState.Acknowledged) continue;
            if (packet.State == SentPacketState.ReportedLost) _loss.OnRecovered();
            else _loss.OnReceived();
            packet.State = SentPacketState.Acknowledged;
            Insert(ref count, new AcknowledgedPacket(packet.SentAt, status.ArrivalMicroseconds + (offset * 64_000L), packet.Bytes, packet.ProbeCluster));
        }

        return matched ? count : -1;
    }

    private void Insert(ref int count, in AcknowledgedPacket packet)
    {
        if (count == _batch.Length)
        {
            if (count == BandwidthLimits.MaxSentPackets) return;
            Array.Resize(ref _batch, 2 * count);
        }

        // Arrivals are almost in order, so the sort rarely moves anything.
        var at = count++;
        for (; at > 0 && _batch[at - 1].ArrivalMicroseconds > packet.ArrivalMicroseconds; at--) _batch[at] = _batch[at - 1];
        _batch[at] = packet;
    }

    private long Unroll(int reference)
    {
        // The reference time has 24 bits and wraps after 12.4 days.
        if (_lastReference is not { } last) _referenceUnrolled = reference;
        else _referenceUnrolled += (int)((uint)(reference - last) << 8) >> 8;
        _lastReference = reference;
        return _referenceUnrolled;
    }
}

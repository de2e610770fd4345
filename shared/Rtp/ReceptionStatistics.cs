using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp;

/// <summary>
/// Reception statistics of one SSRC (RFC 3550 appendix A.1, A.3, A.8): extended sequence number, loss and jitter, for report blocks. A jump of more
/// than <see cref="MaxDropout"/> is taken as a restart of the sender.
/// </summary>
public sealed class ReceptionStatistics(uint ssrc, int clockRate)
{
    public const int MaxDropout = 3000;

    private long _highest = -1;
    private long _base;
    private long _received;
    private long _expectedPrior;
    private long _receivedPrior;
    private double _jitter;
    private long _lastTransit;
    private bool _hasTransit;
    private NtpTime _lastReport;
    private MonotonicTime _lastReportArrival;
    private bool _hasReport;

    public uint Ssrc { get; } = ssrc;

    public long PacketsReceived => _received;

    public long PacketsExpected => _highest < 0 ? 0 : _highest - _base + 1;

    /// <summary>Expected minus received packets; negative after duplicates.</summary>
    public long CumulativeLost => PacketsExpected - _received;

    /// <summary>Interarrival jitter in RTP units.</summary>
    public double Jitter => _jitter;

    public uint ExtendedHighestSequenceNumber => _highest < 0 ? 0 : (uint)_highest;

    public void OnPacket(ushort sequenceNumber, uint timestamp, MonotonicTime arrival)
    {
        if (_highest < 0)
        {
            Restart(sequenceNumber);
        }
        else
        {
            var distance = SequenceArithmetic.Distance((ushort)_highest, sequenceNumber);
            if (Math.Abs(distance) > MaxDropout) Restart(sequenceNumber);
            else if (distance > 0) _highest += distance;
        }

        _received++;
        UpdateJitter(timestamp, arrival);
    }

    public void OnSenderReport(NtpTime ntp, MonotonicTime arrival)
    {
        _lastReport = ntp;
        _lastReportArrival = arrival;
        _hasReport = true;
    }

    /// <summary>The block for the next report; the loss fraction covers the time since the last call.</summary>
    public ReportBlock BuildReportBlock(MonotonicTime now)
    {
        var expected = PacketsExpected - _expectedPrior;
        var lost = expected - (_received - _receivedPrior);
        _expectedPrior = PacketsExpected;
        _receivedPrior = _received;
        var fraction = expected <= 0 || lost <= 0 ? 0 : Math.Min(255, (lost << 8) / expected);
        return new ReportBlock(
            Ssrc,
            (byte)fraction,
            (int)Math.Clamp(CumulativeLost, -0x80_0000, 0x7F_FFFF),
            ExtendedHighestSequenceNumber,
            (uint)_jitter,
            _hasReport ? _lastReport.Compact : 0,
            _hasReport ? NtpTime.ToCompactDelay(now - _lastReportArrival) : 0);
    }

    private void Restart(ushort sequenceNumber)
    {
        _highest = sequenceNumber;
        _base = sequenceNumber;
        _received = 0;
        _expectedPrior = 0;
        _receivedPrior = 0;
        _hasTransit = false;
    }

    private void UpdateJitter(uint timestamp, MonotonicTime arrival)
    {
        var transit = (long)(arrival.TotalSeconds * clockRate) - timestamp;
        if (_hasTransit)
        {
            // The difference of two transits, modulo the 32 bits of the timestamp.
            var difference = Math.Abs((long)(int)(transit - _lastTransit));
            _jitter += (difference - _jitter) / 16;
        }

        _lastTransit = transit;
        _hasTransit = true;
    }
}

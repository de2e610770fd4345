using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>
/// The throughput over the last 20 to 500 acknowledged packets of one to five seconds (libwebrtc: robust_throughput_estimator.cc): the smaller of send and receive rate. The
/// longest pause between arrivals counts only as long as the second longest, so that one stall does not distort the rate.
/// </summary>
internal sealed class ThroughputMeter
{
    private const int MinPackets = 20;
    private const long WindowMicroseconds = 1_000_000;
    private const long MaxWindowMicroseconds = 5_000_000;
    private const long MinSpanMicroseconds = 50_000;

    private readonly AcknowledgedPacket[] _ring = new AcknowledgedPacket[BandwidthLimits.MaxThroughputPackets];
    private int _start;
    private int _count;

    /// <summary>Null before there are enough packets.</summary>
    public Bitrate? Rate { get; private set; }

    public void Add(in AcknowledgedPacket packet)
    {
        if (_count > 0 && Math.Abs(packet.ArrivalMicroseconds - this[_count - 1].ArrivalMicroseconds) > MaxWindowMicroseconds) _count = 0;
        if (_count == _ring.Length) DropOldest();
        _ring[(_start + _count++) % _ring.Length] = packet;
        while (_count > MinPackets && Span() > WindowMicroseconds || (_count > 1 && Span() > MaxWindowMicroseconds)) DropOldest();
    }

    public void Update()
    {
        if (_count < MinPackets)
        {
            Rate = null;
            return;
        }

        long largest = 0, second = 0, bytes = 0;
        long firstSent = long.MaxValue, lastSent = long.MinValue, firstArrival = long.MaxValue, lastArrival = long.MinValue;
        var previous = this[0].ArrivalMicroseconds;
        int firstArrived = 0, lastLeft = 0;
        for (var i = 0; i < _count; i++)
        {
            var packet = this[i];
            bytes += packet.Bytes;
            var gap = packet.ArrivalMicroseconds - previous;
            previous = packet.ArrivalMicroseconds;
            if (gap > largest) (largest, second) = (gap, largest);
            else if (gap > second) second = gap;
            var sent = packet.SentAt.TotalMicroseconds;
            firstSent = Math.Min(firstSent, sent);
            if (sent >= lastSent) (lastSent, lastLeft) = (sent, packet.Bytes);
            if (packet.ArrivalMicroseconds < firstArrival) (firstArrival, firstArrived) = (packet.ArrivalMicroseconds, packet.Bytes);
            lastArrival = Math.Max(lastArrival, packet.ArrivalMicroseconds);
        }

        // The receive span excludes the first packet's bytes, the send span excludes the last packet's bytes.
        var receiveSpan = Math.Max(lastArrival - firstArrival - largest + second, MinSpanMicroseconds);
        var sendSpan = Math.Max(lastSent - firstSent, MinSpanMicroseconds);
        var rate = Math.Min((bytes - firstArrived) * 8_000_000 / receiveSpan, (bytes - lastLeft) * 8_000_000 / sendSpan);
        Rate = new Bitrate(rate);
    }

    private AcknowledgedPacket this[int index] => _ring[(_start + index) % _ring.Length];

    private long Span() => this[_count - 1].ArrivalMicroseconds - this[0].ArrivalMicroseconds;

    private void DropOldest()
    {
        _start = (_start + 1) % _ring.Length;
        _count--;
    }
}

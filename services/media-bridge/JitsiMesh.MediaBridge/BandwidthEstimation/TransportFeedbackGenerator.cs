using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>
/// The receiving side of transport-wide congestion control: records the arrivals of one sender's numbered packets, and builds feedback 100 ms after the last feedback, or 20 ms
/// after it when a frame ended. A late packet, whose number was already reported missing, opens the window again from its number.
/// </summary>
public sealed class TransportFeedbackGenerator
{
    private static readonly TimeSpan MaxInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(20);
    private const long NanosecondsPerTick = 250_000;

    private long[] _arrivals = NewRing(128);
    private SequenceUnwrapper _unwrapper;
    private long _next;
    private long _end;
    private bool _pending;
    private bool _due;
    private bool _sentAny;
    private uint _mediaSsrc;
    private byte _feedbackCount;
    private MonotonicTime _windowOpened;
    private MonotonicTime _lastBuilt;

    /// <summary>Packets that arrived too late to be reported.</summary>
    public long TooLate { get; private set; }

    /// <summary>When feedback is due at the latest; never while there is nothing to report.</summary>
    public MonotonicTime NextTimeout => !_pending ? MonotonicTime.Never : _due ? _lastBuilt : Start + MaxInterval;

    private MonotonicTime Start => _sentAny ? MonotonicTime.Max(_lastBuilt, _windowOpened - MaxInterval) : _windowOpened;

    /// <summary>Records a packet. The packet must be authenticated, and must be recorded before it can be dropped for any reason.</summary>
    public void OnPacket(ushort twccSequence, uint mediaSsrc, bool marker, MonotonicTime arrival)
    {
        var sequence = _unwrapper.Unwrap(twccSequence);
        if (_end == 0)
        {
            _next = sequence;
            _end = sequence;
        }

        if (sequence >= _end)
        {
            Advance(sequence);
        }
        else if (sequence < _end - _arrivals.Length || sequence < _end - BandwidthLimits.MaxFeedbackWindow)
        {
            TooLate++;
            return;
        }
        else if (_arrivals[Slot(sequence)] >= 0)
        {
            return;
        }

        _arrivals[Slot(sequence)] = arrival.Nanoseconds / NanosecondsPerTick;
        _next = Math.Min(_next, sequence);
        if (!_pending) _windowOpened = arrival;
        _pending = true;
        _mediaSsrc = mediaSsrc;
        if (_sentAny && marker && arrival - _lastBuilt >= MinInterval) _due = true;
    }

    /// <summary>Builds one feedback packet if it is due; the caller repeats the call until it returns false.</summary>
    public bool TryBuild(uint senderSsrc, Span<byte> destination, MonotonicTime now, out int written)
    {
        written = 0;
        if (!_pending || (!_due && now < Start + MaxInterval)) return false;

        Span<long> window = stackalloc long[BandwidthLimits.MaxFeedbackWindow];
        var count = (int)(_end - _next);
        for (var i = 0; i < count; i++) window[i] = _arrivals[Slot(_next + i)];
        if (destination.Length > BandwidthLimits.MaxFeedbackLength) destination = destination[..BandwidthLimits.MaxFeedbackLength];
        var covered = TransportFeedbackWriter.Write(destination, senderSsrc, _mediaSsrc, _feedbackCount, (ushort)_next, window[..count], out written);
        if (covered == 0) return false;

        _feedbackCount++;
        _next += covered;
        if (_next < _end)
        {
            // The rest goes out at once, because the caller calls again.
            _due = true;
            _lastBuilt = now;
            return true;
        }

        _pending = false;
        _due = false;
        _sentAny = true;
        _lastBuilt = now;
        return true;
    }

    private void Advance(long sequence)
    {
        while (sequence - _next >= _arrivals.Length && _arrivals.Length < BandwidthLimits.MaxFeedbackWindow) Grow();
        if (sequence - _end >= _arrivals.Length)
        {
            // A jump beyond the window: the arrivals before it are not reported.
            Array.Fill(_arrivals, TransportFeedbackWriter.NotReceived);
            _next = sequence;
        }
        else
        {
            for (var missing = _end; missing <= sequence; missing++) _arrivals[Slot(missing)] = TransportFeedbackWriter.NotReceived;
        }

        _end = sequence + 1;
        _next = Math.Max(_next, _end - _arrivals.Length);
    }

    private int Slot(long sequence) => (int)(sequence & (_arrivals.Length - 1));

    private void Grow()
    {
        var old = _arrivals;
        _arrivals = NewRing(2 * old.Length);
        for (var sequence = Math.Max(0, _end - old.Length); sequence < _end; sequence++) _arrivals[Slot(sequence)] = old[(int)(sequence & (old.Length - 1))];
    }

    private static long[] NewRing(int length)
    {
        var ring = new long[length];
        Array.Fill(ring, TransportFeedbackWriter.NotReceived);
        return ring;
    }
}

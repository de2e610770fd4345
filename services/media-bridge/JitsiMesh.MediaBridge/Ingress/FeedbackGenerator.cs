using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Ingress;

/// <summary>
/// Transport-wide feedback about what an endpoint sent: records each arrival and says when a report is due. Sent every 100 ms, and after
/// 20 ms at the end of a frame.
/// </summary>
internal sealed class FeedbackGenerator
{
    /// <summary>Arrivals held; a jump beyond it begins a new window.</summary>
    public const int Window = 1024;

    /// <summary>Bytes of one feedback packet.</summary>
    public const int MaxPacketBytes = 1200;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(20);

    // Arrival in 250 µs ticks plus one, by sequence number; 0: not arrived.
    private readonly long[] _arrivals = new long[Window];
    private SequenceUnwrapper _unwrapper;
    private long _start = -1;
    private long _highest = -1;
    private MonotonicTime _lastSent;
    private MonotonicTime _origin;
    private bool _hasOrigin;
    private uint _mediaSsrc;
    private byte _count;

    /// <summary>When a report is due at the latest, if there is something to report.</summary>
    public MonotonicTime NextTimeout => HasSomething ? _lastSent + Interval : MonotonicTime.Never;

    private bool HasSomething => _start >= 0 && _highest >= _start;

    public void OnPacket(ushort transportSequence, uint mediaSsrc, MonotonicTime now)
    {
        if (!_hasOrigin)
        {
            // The base time is ours to choose; one in the past keeps every arrival above zero.
            _origin = now - TimeSpan.FromSeconds(1);
            _lastSent = now;
            _hasOrigin = true;
        }

        var sequence = _unwrapper.Unwrap(transportSequence);
        if (_start < 0 || sequence - _start >= Window || _start - sequence >= Window)
        {
            Array.Clear(_arrivals);
            _start = sequence;
            _highest = sequence - 1;
        }

        // Reported as lost already, or below the first one seen.
        if (sequence < _start) return;
        if (sequence > _highest)
        {
            for (var n = _highest + 1; n <= sequence; n++) _arrivals[(int)(n & (Window - 1))] = 0;
            _highest = sequence;
        }

        _arrivals[(int)(sequence & (Window - 1))] = ((now - _origin).Ticks / 2500) + 1;
        _mediaSsrc = mediaSsrc;
    }

    public bool IsDue(bool marker, MonotonicTime now)
    {
        if (!HasSomething) return false;
        var since = now - _lastSent;
        return since >= Interval || (marker && since >= FrameInterval);
    }

    /// <summary>Writes one feedback packet; to be called until it gives false.</summary>
    public bool TryWrite(ref RtcpWriter writer, uint senderSsrc, MonotonicTime now)
    {
        if (!HasSomething) return false;
        _lastSent = now;

        // The window begins at the first packet that arrived: missing ones before it were told in the last report or are told in this one.
        Span<long> arrivals = stackalloc long[Window];
        var length = (int)Math.Min(Window, _highest - _start + 1);
        for (var i = 0; i < length; i++)
        {
            var tick = _arrivals[(int)((_start + i) & (Window - 1))];
            arrivals[i] = tick == 0 ? TransportFeedbackWriter.NotReceived : tick - 1;
        }

        var covered = writer.WriteTransportFeedback(senderSsrc, _mediaSsrc, _count, (ushort)_start, arrivals[..length]);
        if (covered <= 0)
        {
            _start = _highest + 1;
            return false;
        }

        _count++;
        _start += covered;
        return true;
    }
}

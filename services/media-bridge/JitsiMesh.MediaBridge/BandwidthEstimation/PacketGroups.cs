using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>How the spacing of two groups of packets changed on the path.</summary>
internal readonly record struct GroupDelta(double SendMilliseconds, double ArrivalMilliseconds, long ArrivalMicroseconds);

/// <summary>Groups packets that were sent within 5 ms, merges packets that arrive as one burst, and returns the deltas between complete groups (libwebrtc: inter_arrival_delta.cc).</summary>
internal sealed class PacketGroups
{
    private const long GroupLengthMicroseconds = 5_000;
    private const long BurstDeltaMicroseconds = 5_000;
    private const long MaxBurstMicroseconds = 100_000;
    private const long ArrivalJumpMicroseconds = 3_000_000;
    private const int ReordersBeforeReset = 3;

    private Group _current;
    private Group _previous;
    private int _reorders;

    public void Reset()
    {
        _current = default;
        _previous = default;
        _reorders = 0;
    }

    public bool Add(in AcknowledgedPacket packet, out GroupDelta delta)
    {
        delta = default;
        var sent = packet.SentAt.TotalMicroseconds;
        var arrival = packet.ArrivalMicroseconds;
        if (!_current.Started)
        {
            _current = Group.Begin(sent, arrival);
            return false;
        }

        // Sent before the group began: the packet arrived out of order and does not reflect the queue.
        if (sent < _current.FirstSent) return false;
        if (!BelongsElsewhere(sent, arrival))
        {
            _current.LastSent = Math.Max(_current.LastSent, sent);
            _current.LastArrival = Math.Max(_current.LastArrival, arrival);
            return false;
        }

        // A reset leaves an empty group behind, so that the next one is not compared with anything.
        var complete = _previous.Started && TryCompare(out delta);
        _previous = _current;
        _current = Group.Begin(sent, arrival);
        return complete;
    }

    private bool BelongsElsewhere(long sent, long arrival)
    {
        var arrivalDelta = arrival - _current.LastArrival;
        var sendDelta = sent - _current.LastSent;
        if (sendDelta == 0) return false;
        var burst = arrivalDelta - sendDelta < 0 && arrivalDelta <= BurstDeltaMicroseconds && arrival - _current.FirstArrival < MaxBurstMicroseconds;
        return !burst && sent - _current.FirstSent > GroupLengthMicroseconds;
    }

    private bool TryCompare(out GroupDelta delta)
    {
        var send = _current.LastSent - _previous.LastSent;
        var arrival = _current.LastArrival - _previous.LastArrival;
        delta = new GroupDelta(send / 1000.0, arrival / 1000.0, _current.LastArrival);
        if (arrival - send > ArrivalJumpMicroseconds)
        {
            Reset();
            return false;
        }

        if (arrival < 0)
        {
            if (++_reorders >= ReordersBeforeReset) Reset();
            return false;
        }

        _reorders = 0;
        return true;
    }

    private struct Group
    {
        public bool Started;
        public long FirstSent;
        public long LastSent;
        public long FirstArrival;
        public long LastArrival;

        public static Group Begin(long sent, long arrival) => new() { Started = true, FirstSent = sent, LastSent = sent, FirstArrival = arrival, LastArrival = arrival };
    }
}

using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Sending;

/// <summary>RFC 9260 section 7.2: slow start, congestion avoidance, fast recovery. Sizes in bytes of user data.</summary>
internal sealed class CongestionControl
{
    /// <summary>
    /// Ten packets instead of the four of RFC 9260 section 7.2.1, as RFC 6928 allows for TCP and as browsers' SCTP does: in a channel's first seconds the conference's state is
    /// sent, about 10 KB, which then takes one round trip.
    /// </summary>
    internal const int InitialWindow = 10 * SctpLimits.MaxPacket;

    private const int MinThreshold = 4 * SctpLimits.MaxPacket;
    private int _partialBytesAcknowledged;
    private uint? _recoveryExit;

    internal int Window { get; private set; } = InitialWindow;

    internal int SlowStartThreshold { get; private set; } = SctpLimits.MaxCongestionWindow;

    internal bool InFastRecovery => _recoveryExit is not null;

    /// <summary>The cumulative TSN moved on.</summary>
    internal void OnAdvance(uint cumulativeTsn, int bytesAcknowledged, bool windowWasFull)
    {
        if (_recoveryExit is { } exit)
        {
            if (SequenceArithmetic.Distance(exit, cumulativeTsn) >= 0) _recoveryExit = null;
            return;
        }

        if (Window <= SlowStartThreshold)
        {
            if (windowWasFull) Window += Math.Min(bytesAcknowledged, SctpLimits.MaxPacket);
        }
        else
        {
            _partialBytesAcknowledged += bytesAcknowledged;
            if (_partialBytesAcknowledged >= Window)
            {
                _partialBytesAcknowledged -= Window;
                if (windowWasFull) Window += SctpLimits.MaxPacket;
            }
        }

        Window = Math.Min(Window, SctpLimits.MaxCongestionWindow);
    }

    /// <returns>True when this starts a recovery, so that one packet may be sent regardless of the window.</returns>
    internal bool OnFastRetransmit(uint highestTsnSent)
    {
        if (InFastRecovery) return false;
        SlowStartThreshold = Math.Max(Window / 2, MinThreshold);
        Window = SlowStartThreshold;
        _partialBytesAcknowledged = 0;
        _recoveryExit = highestTsnSent;
        return true;
    }

    internal void OnTimeout()
    {
        SlowStartThreshold = Math.Max(Window / 2, MinThreshold);
        Window = SctpLimits.MaxPacket;
        _partialBytesAcknowledged = 0;
        _recoveryExit = null;
    }
}

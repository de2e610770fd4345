using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Sending;

internal sealed partial class DataSender
{
    private const int MissesForFastRetransmit = 3;

    /// <summary>RFC 9260 section 6.2.1. False: the SACK acknowledges a TSN that was never sent.</summary>
    internal bool HandleSack(in SackChunk sack, MonotonicTime now)
    {
        var advance = SequenceArithmetic.Distance(_cumulative, sack.CumulativeTsn);
        if (advance < 0) return true;
        if (advance > _outstanding.Count) return false;
        var windowWasFull = _inFlight >= Congestion.Window;
        var round = new AcknowledgementRound();
        TakeCumulative(advance, ref round);
        TakeGaps(sack, advance > 0 && Congestion.InFastRecovery, now, ref round);
        if (round.Sample is { } sentAt) rto.Measure(now - sentAt);
        if (round.AnythingNew) Timeouts = 0;
        if (advance > 0) Congestion.OnAdvance(_cumulative, round.Bytes, windowWasFull);
        _peerWindow = Math.Max(0, (long)sack.ReceiverWindow - _inFlight);
        if (_outstanding.Count == 0) T3 = MonotonicTime.Never;
        else if (advance > 0 || T3 == MonotonicTime.Never) T3 = now + rto.Current;
        CheckForwardTsn();
        return true;
    }

    /// <summary>A SHUTDOWN carries only a cumulative TSN (RFC 9260 section 9.2).</summary>
    internal bool HandleCumulative(uint tsn, MonotonicTime now)
    {
        var advance = SequenceArithmetic.Distance(_cumulative, tsn);
        if (advance <= 0) return true;
        if (advance > _outstanding.Count) return false;
        var round = new AcknowledgementRound();
        TakeCumulative(advance, ref round);
        Timeouts = 0;
        T3 = _outstanding.Count == 0 ? MonotonicTime.Never : now + rto.Current;
        return true;
    }

    private void TakeCumulative(int count, ref AcknowledgementRound round)
    {
        for (var i = 0; i < count; i++)
        {
            var chunk = _outstanding[i];
            Acknowledge(chunk, ref round);
            _outstandingBytes -= chunk.Length;
        }

        _outstanding.RemoveRange(0, count);
        _cumulative += (uint)count;
    }

    private void TakeGaps(in SackChunk sack, bool countAllMisses, MonotonicTime now, ref AcknowledgementRound round)
    {
        var block = 0;
        var highestNew = -1;
        var highestTold = -1;
        for (var i = 0; i < _outstanding.Count; i++)
        {
            var offset = i + 1;
            while (block < sack.GapCount && sack.Gap(block).End < offset) block++;
            var told = block < sack.GapCount && sack.Gap(block).Start <= offset;
            var chunk = _outstanding[i];
            if (told)
            {
                highestTold = i;
                if (chunk.Fate is ChunkFate.Acknowledged) continue;
                if (chunk.Fate != ChunkFate.Abandoned) highestNew = i;
                Acknowledge(chunk, ref round);
            }
            else if (chunk.Fate == ChunkFate.Acknowledged)
            {
                // The receiver may take a gap acknowledgement back (RFC 9260 section 6.2.1 D iv).
                chunk.Fate = ChunkFate.InFlight;
                _inFlight += chunk.Length;
            }
        }

        var fastRetransmit = false;
        var limit = countAllMisses ? highestTold : highestNew;
        for (var i = 0; i < limit; i++)
        {
            var chunk = _outstanding[i];
            if (chunk.Fate != ChunkFate.InFlight || chunk.WasFastRetransmitted || ++chunk.MissIndications < MissesForFastRetransmit) continue;
            chunk.WasFastRetransmitted = true;
            MarkForRetransmission(chunk, now);
            counters.FastRetransmissions++;
            fastRetransmit = true;
        }

        if (fastRetransmit && Congestion.OnFastRetransmit(LastAssignedTsn)) _retransmitAtOnce = true;
    }

    private void Acknowledge(OutgoingChunk chunk, ref AcknowledgementRound round)
    {
        switch (chunk.Fate)
        {
            case ChunkFate.Acknowledged:
            case ChunkFate.Abandoned:
                return;
            case ChunkFate.InFlight:
                _inFlight -= chunk.Length;
                break;
            case ChunkFate.ToRetransmit:
                _toRetransmit--;
                break;
        }

        // Karn's algorithm: a retransmitted chunk gives no round trip sample.
        if (chunk.Transmissions == 1) round.Sample = chunk.SentAt;
        chunk.Fate = ChunkFate.Acknowledged;
        round.Bytes += chunk.Length;
        round.AnythingNew = true;
    }

    private struct AcknowledgementRound
    {
        internal int Bytes;
        internal bool AnythingNew;
        internal MonotonicTime? Sample;
    }
}

using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Receiving;

internal enum DataVerdict
{
    Taken,
    Duplicate,
    TooFarAhead,

    /// <summary>The window is full; the chunk was dropped and will be retransmitted.</summary>
    WindowExceeded,

    /// <summary>Even the next chunk in order does not fit: the peer fills the window with undeliverable data.</summary>
    Hopeless,
}

/// <summary>The receiving half: TSNs, reassembly, order, and when to acknowledge (RFC 9260 section 6.2).</summary>
internal sealed class DataReceiver(uint peerInitialTsn, SctpOptions options, Action<IncomingMessage> deliver)
{
    private readonly ReceivedTsns _tsns = new(peerInitialTsn);
    private readonly Reassembly _reassembly = new();
    private readonly InboundStreams _streams = new();
    private readonly List<uint> _duplicates = [];
    private int _ownerBytes;
    private int _packetsUnacknowledged;
    private bool _acknowledgeNow;
    private long _lastWindowTold = options.ReceiveWindow;

    internal MonotonicTime AcknowledgeAt { get; private set; } = MonotonicTime.Never;

    internal uint CumulativeTsn => (uint)_tsns.Cumulative;

    private int Window => Math.Max(0, options.ReceiveWindow - _reassembly.Bytes - _streams.Bytes - _ownerBytes);

    internal bool HasReceived(uint tsn) => _tsns.Unroll(tsn) <= _tsns.Cumulative;

    internal DataVerdict Handle(in DataChunk chunk, int ownerBytes)
    {
        _ownerBytes = ownerBytes;
        var tsn = _tsns.Unroll(chunk.Tsn);
        switch (_tsns.Judge(tsn))
        {
            case TsnVerdict.Duplicate:
                if (_duplicates.Count < SctpLimits.MaxDuplicatesSent) _duplicates.Add(chunk.Tsn);
                _acknowledgeNow = true;
                return DataVerdict.Duplicate;
            case TsnVerdict.TooFarAhead:
                _acknowledgeNow = true;
                return DataVerdict.TooFarAhead;
        }

        var cost = chunk.Data.Length + SctpLimits.PieceOverhead;
        if (cost > Window)
        {
            // The next chunk in order may free the window, so it may use the same space once more before the association is aborted.
            _acknowledgeNow = true;
            if (tsn != _tsns.Cumulative + 1 || _ownerBytes >= options.ReceiveWindow) return DataVerdict.WindowExceeded;
            if (_reassembly.Bytes + _streams.Bytes + cost > 2L * options.ReceiveWindow) return DataVerdict.Hopeless;
        }

        var hadGaps = _tsns.HasGaps;
        _tsns.Accept(tsn);
        if (hadGaps || _tsns.HasGaps || chunk.IsImmediate) _acknowledgeNow = true;
        if (chunk.StreamId >= SctpLimits.MaxStreams) return DataVerdict.Taken;
        if (_reassembly.Add(tsn, chunk) is { } message) Route(message);
        return DataVerdict.Taken;
    }

    /// <summary>RFC 3758 section 3.6.</summary>
    internal void HandleForwardTsn(in ForwardTsnChunk forward)
    {
        _acknowledgeNow = true;
        var tsn = _tsns.Unroll(forward.NewCumulativeTsn);
        if (tsn <= _tsns.Cumulative || tsn - _tsns.Cumulative > SctpLimits.MaxTsnAhead) return;
        _tsns.AdvanceTo(tsn);
        _reassembly.DropUpTo(tsn);
        for (var i = 0; i < forward.StreamCount; i++)
        {
            var (stream, ssn) = forward.Stream(i);
            if (stream < SctpLimits.MaxStreams) _streams.Skip(stream, ssn, deliver);
        }
    }

    internal void ResetStream(ushort streamId) => _streams.Reset(streamId);

    /// <summary>At the end of a packet with DATA: every second one is acknowledged at once, a single one within 200 ms.</summary>
    internal void PacketWithDataDone(MonotonicTime now)
    {
        if (++_packetsUnacknowledged >= 2) _acknowledgeNow = true;
        if (AcknowledgeAt == MonotonicTime.Never) AcknowledgeAt = now + options.DelayedAcknowledgement;
    }

    internal void AcknowledgeNow() => _acknowledgeNow = true;

    internal void HandleTimeout(MonotonicTime now)
    {
        if (now >= AcknowledgeAt) _acknowledgeNow = true;
    }

    /// <summary>True when the window was announced as nearly closed and is open again: the peer must be told.</summary>
    internal bool OnOwnerTook(int ownerBytes)
    {
        _ownerBytes = ownerBytes;
        if (_lastWindowTold >= options.ReceiveWindow / 4 || Window < options.ReceiveWindow / 2) return false;
        _acknowledgeNow = true;
        return true;
    }

    /// <param name="space">The bytes left in the packet. A SACK with gaps is not combined with data if it does not fit: it waits for the next packet.</param>
    /// <param name="besideData">A packet with data leaves anyway, so a delayed acknowledgement rides on it.</param>
    internal bool TryTakeSack(int space, bool besideData, out byte[] sack)
    {
        sack = [];
        if (!_acknowledgeNow && !(besideData && AcknowledgeAt != MonotonicTime.Never)) return false;
        Span<(ushort, ushort)> gaps = stackalloc (ushort, ushort)[SctpLimits.MaxGapBlocksSent];
        var count = _tsns.CopyGaps(gaps);
        if (16 + (4 * (count + _duplicates.Count)) > space) return false;
        _lastWindowTold = Window;
        sack = SackChunk.Format(CumulativeTsn, (uint)Window, gaps[..count], System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_duplicates));
        _duplicates.Clear();
        _acknowledgeNow = false;
        _packetsUnacknowledged = 0;
        AcknowledgeAt = MonotonicTime.Never;
        return true;
    }

    private void Route(IncomingMessage message)
    {
        if (message.IsUnordered) deliver(message);
        else _streams.Add(message, deliver);
    }
}

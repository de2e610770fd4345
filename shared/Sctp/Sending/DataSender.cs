using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Sending;

/// <summary>
/// The sending half: queued messages, chunks in flight, T3-rtx, congestion and peer window, and abandoning messages of partial reliability (RFC 3758). Messages are sent first
/// come, first served, over all streams: without message interleaving (RFC 8260) a message's fragments must be consecutive anyway.
/// </summary>
internal sealed partial class DataSender(uint initialTsn, uint peerWindow, bool peerTakesForwardTsn, RetransmissionTimeout rto, SctpCounters counters)
{
    private const int SmallestPiece = 512;

    /// <summary>The streams that one FORWARD-TSN names, so that it fits in a packet; the next one continues from there.</summary>
    private const int MaxForwardedStreams = 200;

    private readonly LinkedList<OutgoingMessage> _waiting = new();
    private readonly List<OutgoingChunk> _outstanding = []; // consecutive TSNs from _cumulative + 1 on
    private readonly Dictionary<ushort, ushort> _nextSsn = [];
    private uint _nextTsn = initialTsn;
    private uint _cumulative = initialTsn - 1;
    private long _peerWindow = peerWindow;
    private int _inFlight;
    private int _toRetransmit;
    private bool _retransmitAtOnce;
    private long _waitingBytes;
    private long _outstandingBytes;

    internal CongestionControl Congestion { get; } = new();

    internal MonotonicTime T3 { get; private set; } = MonotonicTime.Never;

    /// <summary>Time-outs since the last acknowledgement of something new.</summary>
    internal int Timeouts { get; private set; }

    internal long BufferedBytes => _waitingBytes + _outstandingBytes;

    internal uint LastAssignedTsn => _nextTsn - 1;

    internal int BytesInFlight => _inFlight;

    internal bool IsIdle => _outstanding.Count == 0 && _waiting.Count == 0;

    /// <summary>A FORWARD-TSN should leave.</summary>
    internal bool ForwardTsnDue { get; set; }

    internal bool HasWaiting(ushort streamId)
    {
        foreach (var message in _waiting)
        {
            if (message.StreamId == streamId) return true;
        }

        return false;
    }

    internal void Enqueue(OutgoingMessage message)
    {
        _waiting.AddLast(message);
        _waitingBytes += message.Data.Length;
    }

    internal void ResetStream(ushort streamId) => _nextSsn.Remove(streamId);

    /// <summary>The next chunk that may leave now and fits in <paramref name="space"/> bytes with its head.</summary>
    internal bool TryTake(int space, MonotonicTime now, out OutgoingChunk chunk)
    {
        if (_toRetransmit > 0) return TryTakeRetransmission(space, now, out chunk!);
        chunk = null!;
        DropExpired(now);
        if (_waiting.First is not { } node || _inFlight >= Congestion.Window) return false;
        var message = node.Value;
        var rest = message.Data.Length - message.Taken;
        var room = space - DataChunk.HeaderLength;
        const int FullPiece = SctpLimits.MaxPacket - PacketHeader.Length - DataChunk.HeaderLength;

        // A long message is split into full packets; the rest of a packet beside other chunks is used only if it is large enough for the chunk header's cost.
        var length = Math.Min(rest, FullPiece);
        if (length > room && room >= SmallestPiece) length = room & ~3;
        if (length > room) return false;

        // RFC 9260 section 6.1 A: a closed window allows one chunk when nothing is in flight.
        if (length > _peerWindow && _inFlight > 0) return false;
        if (message.Taken == 0 && !message.IsUnordered)
        {
            _nextSsn.TryGetValue(message.StreamId, out var ssn);
            message.Ssn = ssn;
            _nextSsn[message.StreamId] = (ushort)(ssn + 1);
        }

        chunk = new OutgoingChunk(_nextTsn++, message, message.Taken, length) { SentAt = now };
        message.Taken += length;
        if (message.Taken == message.Data.Length) _waiting.RemoveFirst();
        _waitingBytes -= length;
        _outstandingBytes += length;
        _outstanding.Add(chunk);
        _inFlight += length;
        _peerWindow = Math.Max(0, _peerWindow - length);
        if (T3 == MonotonicTime.Never) T3 = now + rto.Current;
        counters.DataChunksSent++;
        return true;
    }

    internal void PacketDone() => _retransmitAtOnce = false;

    internal byte[] FormatForwardTsn()
    {
        ForwardTsnDue = false;
        var streams = new Dictionary<ushort, ushort>();
        var point = _cumulative;
        foreach (var chunk in _outstanding)
        {
            if (chunk.Fate is not (ChunkFate.Abandoned or ChunkFate.Acknowledged)) break;
            if (streams.Count == MaxForwardedStreams && !streams.ContainsKey(chunk.Message.StreamId)) break;
            point = chunk.Tsn;
            if (chunk.Fate == ChunkFate.Abandoned && !chunk.Message.IsUnordered) streams[chunk.Message.StreamId] = chunk.Message.Ssn;
        }

        return ForwardTsnChunk.Format(point, streams);
    }

    internal void OnT3(MonotonicTime now)
    {
        Timeouts++;
        counters.RetransmissionTimeouts++;
        rto.BackOff();
        Congestion.OnTimeout();
        foreach (var chunk in _outstanding)
        {
            if (chunk.Fate == ChunkFate.InFlight) MarkForRetransmission(chunk, now);
        }

        CheckForwardTsn();
        T3 = _outstanding.Count > 0 ? now + rto.Current : MonotonicTime.Never;
    }

    private bool TryTakeRetransmission(int space, MonotonicTime now, out OutgoingChunk? chunk)
    {
        chunk = null;
        if (!_retransmitAtOnce && _inFlight >= Congestion.Window) return false;
        for (var i = 0; i < _outstanding.Count; i++)
        {
            var candidate = _outstanding[i];
            if (candidate.Fate != ChunkFate.ToRetransmit) continue;
            if (now >= candidate.Message.ExpiresAt && peerTakesForwardTsn)
            {
                Abandon(candidate.Message);
                CheckForwardTsn();
                if (_toRetransmit == 0) break;
                continue;
            }

            if (ChunkWriter.Padded(candidate.Length) + DataChunk.HeaderLength > space) return false;
            candidate.Fate = ChunkFate.InFlight;
            candidate.Transmissions++;
            candidate.MissIndications = 0;
            candidate.SentAt = now;
            _toRetransmit--;
            _inFlight += candidate.Length;
            if (i == 0 || T3 == MonotonicTime.Never) T3 = now + rto.Current;
            counters.DataChunksRetransmitted++;
            chunk = candidate;
            return true;
        }

        return false;
    }

    private void MarkForRetransmission(OutgoingChunk chunk, MonotonicTime now)
    {
        if (peerTakesForwardTsn && (chunk.Transmissions > chunk.Message.MaxRetransmissions || now >= chunk.Message.ExpiresAt))
        {
            Abandon(chunk.Message);
            return;
        }

        chunk.Fate = ChunkFate.ToRetransmit;
        _toRetransmit++;
        _inFlight -= chunk.Length;
    }

    /// <summary>RFC 3758 section 3.5 A: all chunks of the message, including the part that is not split into chunks yet.</summary>
    private void Abandon(OutgoingMessage message)
    {
        if (message.IsAbandoned) return;
        message.IsAbandoned = true;
        counters.MessagesAbandoned++;
        foreach (var chunk in _outstanding)
        {
            if (!ReferenceEquals(chunk.Message, message)) continue;
            if (chunk.Fate == ChunkFate.InFlight) _inFlight -= chunk.Length;
            if (chunk.Fate == ChunkFate.ToRetransmit) _toRetransmit--;
            if (chunk.Fate != ChunkFate.Acknowledged) chunk.Fate = ChunkFate.Abandoned;
        }

        if (message.Taken == message.Data.Length) return;
        _waiting.Remove(message);
        _waitingBytes -= message.Data.Length - message.Taken;
    }

    /// <summary>A message whose lifetime ended before its first fragment was sent is removed silently; a partly sent one is abandoned.</summary>
    private void DropExpired(MonotonicTime now)
    {
        while (_waiting.First is { Value: var message } && now >= message.ExpiresAt && (message.Taken == 0 || peerTakesForwardTsn))
        {
            Abandon(message);
            CheckForwardTsn();
        }
    }

    private void CheckForwardTsn()
    {
        if (_outstanding.Count > 0 && _outstanding[0].Fate == ChunkFate.Abandoned) ForwardTsnDue = true;
    }
}

using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Receiving;

/// <summary>A complete user message.</summary>
internal sealed record IncomingMessage(ushort StreamId, ushort Ssn, bool IsUnordered, uint Ppid, byte[] Data);

/// <summary>
/// Puts fragments together. Those of one message have consecutive TSNs (RFC 9260 section 6.9), so neighbours that belong together grow into runs, each
/// step in constant time, and a run from a B to an E is a message.
/// </summary>
internal sealed class Reassembly
{
    private readonly Dictionary<long, Fragment> _fragments = [];
    private readonly Dictionary<long, long> _endOfRun = [];
    private readonly Dictionary<long, long> _startOfRun = [];

    /// <summary>The size of the waiting fragments, counted against the receive window.</summary>
    internal int Bytes { get; private set; }

    internal IncomingMessage? Add(long tsn, in DataChunk chunk)
    {
        if (chunk.IsBegin && chunk.IsEnd)
            return new IncomingMessage(chunk.StreamId, chunk.Ssn, chunk.IsUnordered, chunk.Ppid, chunk.Data.ToArray());

        var fragment = new Fragment(chunk.StreamId, chunk.Ssn, chunk.Ppid, chunk.Flags, chunk.Data.ToArray());
        if (!_fragments.TryAdd(tsn, fragment)) return null;
        Bytes += fragment.Cost;
        var start = tsn;
        var end = tsn;
        if (_startOfRun.TryGetValue(tsn - 1, out var startBefore) && Joins(_fragments[tsn - 1], fragment))
        {
            start = startBefore;
            _startOfRun.Remove(tsn - 1);
        }

        if (_endOfRun.TryGetValue(tsn + 1, out var endAfter) && Joins(fragment, _fragments[tsn + 1]))
        {
            end = endAfter;
            _endOfRun.Remove(tsn + 1);
        }

        _startOfRun[end] = start;
        _endOfRun[start] = end;
        return _fragments[start].IsBegin && _fragments[end].IsEnd ? Take(start, end) : null;
    }

    /// <summary>Forgets fragments up to <paramref name="tsn"/>: the peer gave their messages up.</summary>
    internal void DropUpTo(long tsn)
    {
        if (_fragments.Count == 0) return;
        foreach (var old in _fragments.Keys.Where(key => key <= tsn).ToArray()) Remove(old);
        foreach (var (start, end) in _endOfRun.Where(run => run.Key <= tsn).ToArray())
        {
            _endOfRun.Remove(start);
            if (end <= tsn)
            {
                _startOfRun.Remove(end);
                continue;
            }

            _endOfRun[tsn + 1] = end;
            _startOfRun[end] = tsn + 1;
        }
    }

    private static bool Joins(in Fragment first, in Fragment second) =>
        !first.IsEnd && !second.IsBegin && first.StreamId == second.StreamId && first.IsUnordered == second.IsUnordered
        && (first.IsUnordered || first.Ssn == second.Ssn);

    private IncomingMessage Take(long start, long end)
    {
        var length = 0;
        for (var tsn = start; tsn <= end; tsn++) length += _fragments[tsn].Data.Length;
        var data = new byte[length];
        var first = _fragments[start];
        var position = 0;
        for (var tsn = start; tsn <= end; tsn++)
        {
            var piece = _fragments[tsn].Data;
            piece.CopyTo(data, position);
            position += piece.Length;
            Remove(tsn);
        }

        _endOfRun.Remove(start);
        _startOfRun.Remove(end);
        return new IncomingMessage(first.StreamId, first.Ssn, first.IsUnordered, first.Ppid, data);
    }

    private void Remove(long tsn)
    {
        if (_fragments.Remove(tsn, out var fragment)) Bytes -= fragment.Cost;
    }

    private readonly record struct Fragment(ushort StreamId, ushort Ssn, uint Ppid, byte Flags, byte[] Data)
    {
        internal bool IsBegin => (Flags & DataChunk.BeginFlag) != 0;

        internal bool IsEnd => (Flags & DataChunk.EndFlag) != 0;

        internal bool IsUnordered => (Flags & DataChunk.UnorderedFlag) != 0;

        internal int Cost => Data.Length + SctpLimits.PieceOverhead;
    }
}

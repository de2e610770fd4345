using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Receiving;

internal enum TsnVerdict
{
    New,
    Duplicate,
    TooFarAhead,
}

/// <summary>The received TSNs: all up to a cumulative one, and runs above it. TSNs are unrolled to 64 bits, so comparisons are plain.</summary>
internal sealed class ReceivedTsns(uint peerInitialTsn)
{
    private readonly List<(long Start, long End)> _runs = [];

    internal long Cumulative { get; private set; } = (1L << 32) + (uint)(peerInitialTsn - 1);

    internal bool HasGaps => _runs.Count > 0;

    internal int GapCount => _runs.Count;

    internal long Unroll(uint tsn) => Cumulative + SequenceArithmetic.Distance((uint)Cumulative, tsn);

    internal TsnVerdict Judge(long tsn)
    {
        if (tsn <= Cumulative) return TsnVerdict.Duplicate;
        if (tsn - Cumulative > SctpLimits.MaxTsnAhead) return TsnVerdict.TooFarAhead;
        var index = FindRun(tsn);
        if (index >= 0) return TsnVerdict.Duplicate;
        var joins = tsn == Cumulative + 1 || Touches(~index, tsn);
        return joins || _runs.Count < SctpLimits.MaxGaps ? TsnVerdict.New : TsnVerdict.TooFarAhead;
    }

    /// <summary>Adds a TSN that <see cref="Judge"/> reported as new.</summary>
    internal void Accept(long tsn)
    {
        if (tsn == Cumulative + 1)
        {
            Cumulative = tsn;
            Absorb();
            return;
        }

        var index = ~FindRun(tsn);
        var joinsBefore = index > 0 && _runs[index - 1].End == tsn - 1;
        var joinsAfter = index < _runs.Count && _runs[index].Start == tsn + 1;
        if (joinsBefore && joinsAfter)
        {
            _runs[index - 1] = (_runs[index - 1].Start, _runs[index].End);
            _runs.RemoveAt(index);
        }
        else if (joinsBefore)
        {
            _runs[index - 1] = (_runs[index - 1].Start, tsn);
        }
        else if (joinsAfter)
        {
            _runs[index] = (tsn, _runs[index].End);
        }
        else
        {
            _runs.Insert(index, (tsn, tsn));
        }
    }

    /// <summary>FORWARD-TSN: all up to <paramref name="tsn"/> count as received (RFC 3758 section 3.6).</summary>
    internal void AdvanceTo(long tsn)
    {
        if (tsn <= Cumulative) return;
        Cumulative = tsn;
        while (_runs.Count > 0 && _runs[0].End <= Cumulative) _runs.RemoveAt(0);
        if (_runs.Count > 0 && _runs[0].Start <= Cumulative) Cumulative = _runs[0].End;
        Absorb();
    }

    /// <summary>The runs in the form of a SACK, relative to the cumulative TSN.</summary>
    internal int CopyGaps(Span<(ushort Start, ushort End)> gaps)
    {
        var count = Math.Min(gaps.Length, _runs.Count);
        for (var i = 0; i < count; i++) gaps[i] = ((ushort)(_runs[i].Start - Cumulative), (ushort)(_runs[i].End - Cumulative));
        return count;
    }

    private void Absorb()
    {
        while (_runs.Count > 0 && _runs[0].Start <= Cumulative + 1)
        {
            Cumulative = Math.Max(Cumulative, _runs[0].End);
            _runs.RemoveAt(0);
        }
    }

    private bool Touches(int index, long tsn) =>
        (index > 0 && _runs[index - 1].End == tsn - 1) || (index < _runs.Count && _runs[index].Start == tsn + 1);

    /// <summary>The run that contains the TSN, or the complement of its insertion index.</summary>
    private int FindRun(long tsn)
    {
        var (low, high) = (0, _runs.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (tsn < _runs[middle].Start) high = middle - 1;
            else if (tsn > _runs[middle].End) low = middle + 1;
            else return middle;
        }

        return ~low;
    }
}

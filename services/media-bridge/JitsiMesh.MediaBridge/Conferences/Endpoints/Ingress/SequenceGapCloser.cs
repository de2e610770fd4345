using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>Renumbers a stream from which packets are discarded (padding, silence), so that they leave no gap. Otherwise every receiver would count them as lost.</summary>
internal sealed class SequenceGapCloser
{
    /// <summary>Late packets up to this far back get the shift of their position; older ones are dropped.</summary>
    public const int History = 1024;

    private readonly int[] _shifts = new int[History];
    private long _highest = -1;
    private int _shift;

    /// <summary>Renumbers a packet that is kept; false when it is too old.</summary>
    public bool TryPass(long sequence, out long closed)
    {
        closed = 0;
        if (_highest < 0 || sequence - _highest >= History) Reset(sequence - 1);
        if (sequence > _highest)
        {
            Fill(sequence);
            closed = sequence - _shift;
            return true;
        }

        if (sequence <= _highest - History) return false;
        closed = sequence - _shifts[(int)(sequence & (History - 1))];
        return true;
    }

    /// <summary>Records a discarded packet. A late one remains a gap, because later numbers were already forwarded.</summary>
    public void Discard(long sequence)
    {
        if (_highest < 0 || sequence - _highest >= History) Reset(sequence - 1);
        if (sequence <= _highest) return;
        Fill(sequence);
        _shift++;
    }

    private void Fill(long sequence)
    {
        for (var n = _highest + 1; n <= sequence; n++) _shifts[(int)(n & (History - 1))] = _shift;
        _highest = sequence;
    }

    private void Reset(long highest)
    {
        Array.Fill(_shifts, _shift);
        _highest = highest;
    }
}

using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>Decides which missing packets of one video encoding to request from its sender, and when to repeat a request.</summary>
internal sealed class NackRequester
{
    /// <summary>A gap this wide is a burst that a keyframe repairs faster: all requests are dropped.</summary>
    public const int MaxGap = 100;

    public const int MaxRequests = 10;

    /// <summary>Numbers requested at once; the oldest are dropped.</summary>
    public const int Capacity = 256;

    public static readonly TimeSpan Repeat = TimeSpan.FromMilliseconds(150);

    private readonly Entry[] _missing = new Entry[Capacity];
    private int _count;
    private long _highest = -1;

    /// <summary>When <see cref="Collect"/> has numbers to request.</summary>
    public MonotonicTime NextTimeout { get; private set; } = MonotonicTime.Never;

    public long Requested { get; private set; }

    public void OnPacket(long sequence, MonotonicTime now)
    {
        if (_highest < 0)
        {
            _highest = sequence;
            return;
        }

        if (sequence <= _highest)
        {
            Remove(sequence);
            return;
        }

        var gap = sequence - _highest - 1;
        if (gap >= MaxGap)
        {
            _count = 0;
            NextTimeout = MonotonicTime.Never;
        }
        else
        {
            for (var n = _highest + 1; n < sequence; n++) Add(n);
            if (gap > 0) NextTimeout = now;
        }

        _highest = sequence;
    }

    /// <summary>The numbers to request now, in rising order.</summary>
    /// <returns>The count of numbers written to <paramref name="numbers"/>.</returns>
    public int Collect(MonotonicTime now, Span<ushort> numbers)
    {
        if (now < NextTimeout) return 0;
        var written = 0;
        var kept = 0;
        var next = MonotonicTime.Never;
        for (var i = 0; i < _count; i++)
        {
            var entry = _missing[i];
            if (entry.Requests == 0 || now - entry.LastRequest >= Repeat)
            {
                if (entry.Requests >= MaxRequests) continue;
                if (written < numbers.Length)
                {
                    numbers[written++] = (ushort)entry.Sequence;
                    entry.Requests++;
                    entry.LastRequest = now;
                }
            }

            next = MonotonicTime.Min(next, entry.LastRequest + Repeat);
            _missing[kept++] = entry;
        }

        _count = kept;
        Requested += written;
        NextTimeout = next;
        return written;
    }

    private void Add(long sequence)
    {
        if (_count == Capacity)
        {
            Array.Copy(_missing, 1, _missing, 0, Capacity - 1);
            _count--;
        }

        _missing[_count++] = new Entry { Sequence = sequence };
    }

    private void Remove(long sequence)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_missing[i].Sequence != sequence) continue;
            Array.Copy(_missing, i + 1, _missing, i, _count - i - 1);
            _count--;
            return;
        }
    }

    private struct Entry
    {
        public long Sequence;
        public int Requests;
        public MonotonicTime LastRequest;
    }
}

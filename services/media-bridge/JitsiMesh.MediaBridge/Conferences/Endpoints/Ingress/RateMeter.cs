using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>Bits a second over the last second, in buckets of 50 ms.</summary>
internal sealed class RateMeter
{
    private const int Buckets = 20;
    private const long BucketNanoseconds = 50_000_000;
    private readonly int[] _bytes = new int[Buckets];
    private long _current = -1;
    private long _first = -1;
    private long _sum;

    public void Add(int bytes, MonotonicTime now)
    {
        Advance(now);
        _bytes[(int)(_current % Buckets)] += bytes;
        _sum += bytes;
    }

    public long BitsPerSecond(MonotonicTime now)
    {
        if (_first < 0) return 0;
        Advance(now);

        // A stream younger than the window is measured over its age, or a new layer would seem too cheap. At least a quarter second.
        var buckets = Math.Clamp(_current - _first + 1, 5, Buckets);
        return _sum * 8 * Buckets / buckets;
    }

    private void Advance(MonotonicTime now)
    {
        var bucket = now.Nanoseconds / BucketNanoseconds;
        if (_first < 0)
        {
            _first = _current = bucket;
            return;
        }

        if (bucket - _current >= Buckets)
        {
            Array.Clear(_bytes);
            _sum = 0;
            _first = _current = bucket;
            return;
        }

        while (_current < bucket)
        {
            _current++;
            ref var old = ref _bytes[(int)(_current % Buckets)];
            _sum -= old;
            old = 0;
        }
    }
}

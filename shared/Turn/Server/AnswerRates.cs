using JitsiMesh.Primitives;

namespace JitsiMesh.Turn.Server;

/// <summary>
/// Limits the rate of answers without credentials to one address: a fixed number of buckets, so that many addresses, possibly forged, cost no memory. The seed is secret, so that an attacker cannot
/// choose an address that shares the bucket of another.
/// </summary>
internal sealed class AnswerRates
{
    private readonly TurnLimits _limits;
    private readonly Bucket[] _buckets = new Bucket[TurnLimits.AnswerBuckets];
    private readonly TokenBucket _all;
    private readonly ulong _seed;

    public AnswerRates(TurnLimits limits, IRandomSource random)
    {
        _limits = limits;
        _seed = random.NextUInt64();
        _all = new TokenBucket(limits.AnswersPerSecondToAll, limits.AnswersPerSecondToAll);
    }

    public bool TryTake(in TransportAddress address, MonotonicTime now)
    {
        // An IPv6 client controls a whole /64.
        var hash = HashCode.Combine(_seed, address.High, address.IsIPv4 ? address.Low : 0UL);
        ref var bucket = ref _buckets[(uint)hash % TurnLimits.AnswerBuckets];
        var gone = (now.Nanoseconds - bucket.At) / 1e9;
        if (gone > 0)
        {
            bucket.Taken = Math.Max(0, bucket.Taken - (gone * _limits.AnswersPerSecond));
            bucket.At = now.Nanoseconds;
        }

        if (bucket.Taken + 1 > _limits.AnswersBurst || !_all.TryTake(1, now)) return false;
        bucket.Taken++;
        return true;
    }

    private struct Bucket
    {
        public double Taken;
        public long At;
    }
}

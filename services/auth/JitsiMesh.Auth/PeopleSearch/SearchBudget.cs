using JitsiMesh.Primitives;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>The search limits of each user: a burst of <see cref="DirectoryLimits.SearchBurst"/>, refilled with <see cref="DirectoryLimits.SearchesPerSecond"/>, and at most <see cref="DirectoryLimits.SearchesOfOne"/> concurrent searches.</summary>
internal sealed class SearchBudget(TimeProvider time)
{
    private static readonly TimeSpan FullAgain = TimeSpan.FromSeconds(DirectoryLimits.SearchBurst / DirectoryLimits.SearchesPerSecond);

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<string, Visitor> _visitors = new(StringComparer.Ordinal);

    /// <summary>Begins a search; if it returns true the caller must call <see cref="End"/>.</summary>
    /// <param name="visitor">Identifies the user.</param>
    /// <returns>False for a user who has searched too often, or has too many searches running.</returns>
    public bool TryBegin(string visitor)
    {
        lock (_gate)
        {
            var now = MonotonicTime.Zero + time.GetElapsedTime(_start);
            if (!_visitors.TryGetValue(visitor, out var known))
            {
                if (_visitors.Count >= DirectoryLimits.Visitors) ForgetThoseBefore(now - FullAgain);
                if (_visitors.Count >= DirectoryLimits.Visitors) return false;
                _visitors[visitor] = known = new Visitor();
            }

            known.Seen = now;
            if (known.Running >= DirectoryLimits.SearchesOfOne || !known.Budget.TryTake(1, now)) return false;
            known.Running++;
            return true;
        }
    }

    public void End(string visitor)
    {
        lock (_gate)
        {
            if (_visitors.TryGetValue(visitor, out var known)) known.Running--;
        }
    }

    // Their budget is full again, so their state can be dropped.
    private void ForgetThoseBefore(MonotonicTime then)
    {
        foreach (var (visitor, known) in _visitors)
        {
            if (known.Running == 0 && known.Seen < then) _visitors.Remove(visitor);
        }
    }

    private sealed class Visitor
    {
        public TokenBucket Budget { get; } = new(DirectoryLimits.SearchesPerSecond, DirectoryLimits.SearchBurst);

        public int Running { get; set; }

        public MonotonicTime Seen { get; set; }
    }
}

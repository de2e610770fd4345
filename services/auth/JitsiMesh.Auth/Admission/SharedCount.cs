namespace JitsiMesh.Auth.Admission;

/// <summary>
/// Reads the counts that all instances of the auth service share in the store. A store that does not answer in time, or fails, is not used for a while; meanwhile the caller counts for its
/// own process.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="limit">Timeout of the store.</param>
/// <param name="pause">How long a store that failed is not used.</param>
/// <param name="reportFailure">Called with the kind of failure, to inform the operator; at most once in each <paramref name="pause"/>.</param>
internal sealed class SharedCount(TimeProvider time, TimeSpan limit, TimeSpan pause, Action<string> reportFailure)
{
    private readonly Lock _gate = new();
    private long _unreachableSince;
    private bool _isUnreachable;

    /// <summary>Asks the store, unless it is paused. Never throws.</summary>
    /// <returns>Whether the store answered, and its answer.</returns>
    public async ValueTask<(bool HasAnswered, T? Answer)> AskAsync<T>(Func<Task<T>> ask)
    {
        if (!IsAvailable()) return default;
        try
        {
            return (true, await ask().WaitAsync(limit, time));
        }
        catch (Exception exception)
        {
            if (MarkUnreachable()) reportFailure(exception.GetType().Name);
            return default;
        }
    }

    // Of concurrent failed calls only the first one is reported.
    private bool MarkUnreachable()
    {
        lock (_gate)
        {
            var isNew = !_isUnreachable || time.GetElapsedTime(_unreachableSince) >= pause;
            (_isUnreachable, _unreachableSince) = (true, time.GetTimestamp());
            return isNew;
        }
    }

    private bool IsAvailable()
    {
        lock (_gate) return !_isUnreachable || time.GetElapsedTime(_unreachableSince) >= pause;
    }
}

namespace JitsiMesh.Auth.Admission;

/// <summary>Counts in this process, in consecutive time windows.</summary>
/// <param name="time">The clock.</param>
/// <param name="window">The length of a window; then the count is reset.</param>
/// <param name="most">The limit within one window.</param>
internal sealed class WindowCount(TimeProvider time, TimeSpan window, int most)
{
    private readonly Lock _gate = new();
    private long _since = time.GetTimestamp();
    private int _count;

    /// <summary>False beyond the limit; the attempt is not counted.</summary>
    public bool TryCount()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_since) >= window) (_since, _count) = (time.GetTimestamp(), 0);
            if (_count >= most) return false;
            _count++;
            return true;
        }
    }
}

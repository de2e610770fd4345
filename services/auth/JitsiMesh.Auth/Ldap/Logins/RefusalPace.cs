namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>
/// The time that the directory takes to check the password of a known name. An unknown name is refused no sooner. Otherwise the response time would disclose which names exist, since a directory
/// computes a hash only for known names.
/// </summary>
internal sealed class RefusalPace(TimeProvider time)
{
    // The weight of a new sample is 1/4.
    private const int Weight = 4;

    private long _average;

    /// <summary>The recent average; zero before the first password.</summary>
    public TimeSpan Average => TimeSpan.FromTicks(Volatile.Read(ref _average));

    public long Begin() => time.GetTimestamp();

    /// <param name="begin">When the check of a known name's password began.</param>
    public void Record(long begin)
    {
        var took = Math.Min(time.GetElapsedTime(begin).Ticks, LdapLimits.LongestPace.Ticks);
        var average = Volatile.Read(ref _average);

        // A concurrent update may be lost: it is an average.
        Volatile.Write(ref _average, average == 0 ? took : average + ((took - average) / Weight));
    }

    /// <summary>Waits until the time of a password check of a known name has passed.</summary>
    /// <param name="begin">When the login began.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    public async Task KeepAsync(long begin, CancellationToken cancellation)
    {
        var left = Average - time.GetElapsedTime(begin);
        if (left > TimeSpan.Zero) await Task.Delay(left, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

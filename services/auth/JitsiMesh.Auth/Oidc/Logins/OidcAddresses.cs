namespace JitsiMesh.Auth.Oidc.Logins;

/// <summary>
/// Counts the requests of each client address to this process within <see cref="OidcLimits.BudgetWindow"/>. An address above its limit is refused here, before it consumes the limits
/// that all addresses share. The store counts the same limit for all instances.
/// </summary>
/// <param name="most">The limit of one address for one step.</param>
/// <param name="time">The clock.</param>
internal sealed class OidcAddresses(int most, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(OidcStep Step, string Address), (long Since, int Count)> _counts = [];
    private long _swept = time.GetTimestamp();

    /// <summary>False beyond the limit; the request is not counted. When <see cref="OidcLimits.AddressesOfProcess"/> are known, only the store counts further ones.</summary>
    public bool TryCount(OidcStep step, string address)
    {
        lock (_gate)
        {
            if (_counts.TryGetValue((step, address), out var counted) && !IsOver(counted.Since))
            {
                if (counted.Count >= most) return false;
                _counts[(step, address)] = counted with { Count = counted.Count + 1 };
                return true;
            }

            // At most once in a window, so that a flood from ever new addresses does not raise the cost.
            if (_counts.Count >= OidcLimits.AddressesOfProcess && IsOver(_swept))
            {
                _swept = time.GetTimestamp();
                foreach (var old in _counts.Where(pair => IsOver(pair.Value.Since)).Select(pair => pair.Key).ToList()) _counts.Remove(old);
            }

            if (_counts.Count < OidcLimits.AddressesOfProcess || _counts.ContainsKey((step, address))) _counts[(step, address)] = (time.GetTimestamp(), 1);
            return true;
        }
    }

    private bool IsOver(long since) => time.GetElapsedTime(since) >= OidcLimits.BudgetWindow;
}

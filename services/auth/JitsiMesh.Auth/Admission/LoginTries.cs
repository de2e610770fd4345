namespace JitsiMesh.Auth.Admission;

/// <summary>
/// Counts failed logins of this process by account and by address (<see cref="LoginLimits"/>). A try counts as failed from its beginning, so that concurrent tries cannot exceed the limit.
/// After <see cref="TryBegin"/> returned true the caller must call one of <see cref="Failed"/>, <see cref="Succeeded"/>, <see cref="Withdrawn"/>.
/// </summary>
internal sealed class LoginTries(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Counted> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Counted> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Account, string Address), long> _known = [];

    /// <summary>Whether a password may be checked now.</summary>
    /// <param name="accountKey">The account's name, prepared; the same for each spelling.</param>
    /// <param name="addressTag">A tag of the client's address; empty where no limit applies.</param>
    public bool TryBegin(string accountKey, string addressTag)
    {
        lock (_gate)
        {
            if (Of(_accounts, accountKey) is not { } account) return false;
            Counted? address = null;
            if (addressTag.Length > 0)
            {
                address = Of(_addresses, addressTag);
                if (address is null || address.Count >= LoginLimits.FailuresOfAddress) return false;
            }

            if (account.Count >= LoginLimits.FailuresOfAccount && !MayAllTheSame(account, accountKey, addressTag)) return false;
            account.Running++;
            account.Failing.Add(addressTag);
            if (address is not null) address.Running++;
            return true;
        }
    }

    /// <summary>The name or the password was wrong.</summary>
    public void Failed(string accountKey, string addressTag)
    {
        lock (_gate) End(accountKey, addressTag, failed: 1);
    }

    /// <summary>The login succeeded: the try does not count, and the address is remembered for the account.</summary>
    public void Succeeded(string accountKey, string addressTag)
    {
        lock (_gate)
        {
            End(accountKey, addressTag, failed: 0);
            if (addressTag.Length == 0) return;
            _known[(accountKey, addressTag)] = time.GetTimestamp();
            if (_known.Count <= LoginLimits.KnownPairs) return;
            foreach (var (pair, _) in _known.OrderBy(p => p.Value).Take(LoginLimits.KnownPairs / 2).ToList()) _known.Remove(pair);
        }
    }

    /// <summary>The password could not be checked: the try does not count.</summary>
    public void Withdrawn(string accountKey, string addressTag)
    {
        lock (_gate) End(accountKey, addressTag, failed: 0);
    }

    private bool MayAllTheSame(Counted account, string accountKey, string addressTag)
    {
        if (addressTag.Length == 0) return false;
        if (_known.ContainsKey((accountKey, addressTag))) return true;
        return !account.Failing.Contains(addressTag) && account.Fresh++ < LoginLimits.FreshAddresses;
    }

    private void End(string accountKey, string addressTag, int failed)
    {
        if (_accounts.TryGetValue(accountKey, out var account))
        {
            account.Running--;
            account.Failures += failed;
            if (failed == 0) account.Failing.Remove(addressTag);
        }

        if (addressTag.Length == 0 || !_addresses.TryGetValue(addressTag, out var address)) return;
        address.Running--;
        address.Failures += failed;
    }

    private Counted? Of(Dictionary<string, Counted> table, string key)
    {
        if (table.TryGetValue(key, out var counted))
        {
            if (IsOver(counted)) counted.Restart(time.GetTimestamp());
            return counted;
        }

        if (table.Count >= LoginLimits.Windows)
        {
            foreach (var (old, _) in table.Where(p => p.Value.Running == 0 && IsOver(p.Value)).ToList()) table.Remove(old);
            if (table.Count >= LoginLimits.Windows) return null;
        }

        return table[key] = new Counted { Since = time.GetTimestamp() };
    }

    private bool IsOver(Counted counted) => time.GetElapsedTime(counted.Since) >= LoginLimits.Window;

    private sealed class Counted
    {
        public long Since { get; set; }

        public int Failures { get; set; }

        /// <summary>Tries in progress.</summary>
        public int Running { get; set; }

        /// <summary>Addresses that were admitted beyond the limit.</summary>
        public int Fresh { get; set; }

        /// <summary>Addresses of running and failed tries. At most as many as there are failures.</summary>
        public HashSet<string> Failing { get; } = new(StringComparer.Ordinal);

        public int Count => Failures + Running;

        public void Restart(long now)
        {
            Since = now;
            Failures = 0;
            Fresh = 0;
            Failing.Clear();
        }
    }
}

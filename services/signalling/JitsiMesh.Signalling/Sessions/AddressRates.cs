using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Paces the conference requests that come without a login, by the address they come from.</summary>
public sealed class AddressRates
{
    /// <summary>After so long without a request an address has all of its burst again, and need not be remembered.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds((double)SignallingLimits.AddressRequestBurst / SignallingLimits.AddressRequestsPerSecond);

    private readonly Dictionary<string, (TokenBucket Rate, MonotonicTime Last)> _byAddress = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public bool TryTake(string address, MonotonicTime now)
    {
        lock (_gate)
        {
            if (!_byAddress.TryGetValue(address, out var entry))
            {
                if (_byAddress.Count >= SignallingLimits.RememberedAddresses) Forget(now);
                entry.Rate = new TokenBucket(SignallingLimits.AddressRequestsPerSecond, SignallingLimits.AddressRequestBurst);
            }

            _byAddress[address] = (entry.Rate, now);
            return entry.Rate.TryTake(1, now);
        }
    }

    /// <summary>Makes room: those that have recovered, else anyone.</summary>
    private void Forget(MonotonicTime now)
    {
        foreach (var (address, entry) in _byAddress)
        {
            if (now - entry.Last >= Recovery) _byAddress.Remove(address);
        }

        if (_byAddress.Count >= SignallingLimits.RememberedAddresses) _byAddress.Remove(_byAddress.Keys.First());
    }
}

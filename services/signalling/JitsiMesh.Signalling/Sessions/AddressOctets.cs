using System.Net;
using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Paces what all sockets of one address send together. Addresses of trusted proxies may be many people's and are not paced.</summary>
public sealed class AddressOctets(SignallingOptions options)
{
    /// <summary>After so long without a frame an address has all of its burst again, and need not be remembered.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds((double)SignallingLimits.AddressOctetBurst / SignallingLimits.AddressOctetsPerSecond);

    /// <summary>A frame waits for the debt of its address at most so many times as long as its own octets take at the address's rate.</summary>
    private const int DebtShare = 32;

    private readonly Dictionary<string, Paced> _byAddress = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Notes the octets of a frame and says how long its reader waits before the next.</summary>
    public TimeSpan Take(string address, int octets, MonotonicTime now)
    {
        if (address.Length == 0) return TimeSpan.Zero;
        lock (_gate)
        {
            if (!_byAddress.TryGetValue(address, out var paced))
            {
                if (_byAddress.Count >= SignallingLimits.RememberedAddresses) Forget(now);
                _byAddress[address] = paced = new Paced(IsTrusted(address));
            }

            paced.Last = now;
            if (paced.Bucket is not { } bucket) return TimeSpan.Zero;
            bucket.Take(octets, now);
            // Each waits for its own share of the debt: one that floods must not stop the pings of the others behind its address.
            var share = TimeSpan.FromSeconds((double)octets * DebtShare / SignallingLimits.AddressOctetsPerSecond);
            var wait = bucket.Wait(now);
            return wait < share ? wait : share;
        }
    }

    /// <summary>Makes room: those that have recovered, else anyone.</summary>
    private void Forget(MonotonicTime now)
    {
        foreach (var (address, paced) in _byAddress)
        {
            if (now - paced.Last >= Recovery) _byAddress.Remove(address);
        }

        if (_byAddress.Count >= SignallingLimits.RememberedAddresses) _byAddress.Remove(_byAddress.Keys.First());
    }

    private bool IsTrusted(string address) => IPAddress.TryParse(address, out var ip) && options.TrustedNetworks.Any(network => network.Contains(ip));

    private sealed class Paced(bool trusted)
    {
        public TokenBucket? Bucket { get; } = trusted ? null : new TokenBucket(SignallingLimits.AddressOctetsPerSecond, SignallingLimits.AddressOctetBurst);

        public MonotonicTime Last { get; set; }
    }
}

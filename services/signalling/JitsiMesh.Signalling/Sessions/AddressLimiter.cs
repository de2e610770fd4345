using System.Collections.Concurrent;
using System.Net;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// Counts the sockets of each address: those that are not authenticated yet, and all. Addresses of trusted proxies may be many people's, so the
/// second bound does not count for them.
/// </summary>
public sealed class AddressLimiter(SignallingOptions options)
{
    private readonly ConcurrentDictionary<string, Sockets> _byAddress = new(StringComparer.Ordinal);

    public int Addresses => _byAddress.Count;

    public bool TryEnter(string address)
    {
        var sockets = _byAddress.AddOrUpdate(address, new Sockets(1, 1), static (_, before) => before.Plus(1, 1));
        if (sockets.Unauthenticated <= SignallingLimits.UnauthenticatedSocketsOfAddress && (sockets.All <= options.SocketsOfAddress || IsTrusted(address))) return true;
        Leave(address, authenticated: false);
        return false;
    }

    /// <summary>A socket that entered has logged in.</summary>
    public void Authenticated(string address) => Take(address, 1, 0);

    /// <summary>A socket that entered has ended.</summary>
    public void Leave(string address, bool authenticated) => Take(address, authenticated ? 0 : 1, 1);

    private void Take(string address, int unauthenticated, int all)
    {
        while (_byAddress.TryGetValue(address, out var before))
        {
            var after = before.Plus(-unauthenticated, -all);
            if (after.All <= 0 ? _byAddress.TryRemove(KeyValuePair.Create(address, before)) : _byAddress.TryUpdate(address, after, before)) return;
        }
    }

    private bool IsTrusted(string address) => IPAddress.TryParse(address, out var ip) && options.TrustedNetworks.Any(network => network.Contains(ip));

    private readonly record struct Sockets(int Unauthenticated, int All)
    {
        public Sockets Plus(int unauthenticated, int all) => new(Unauthenticated + unauthenticated, All + all);
    }
}

using System.Collections.Concurrent;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Counts the sockets of each address that are not authenticated yet.</summary>
public sealed class AddressLimiter
{
    private readonly ConcurrentDictionary<string, int> _pending = new(StringComparer.Ordinal);

    public int Addresses => _pending.Count;

    public bool TryEnter(string address)
    {
        if (_pending.AddOrUpdate(address, 1, static (_, count) => count + 1) <= SignallingLimits.UnauthenticatedSocketsOfAddress) return true;
        Leave(address);
        return false;
    }

    public void Leave(string address)
    {
        while (_pending.TryGetValue(address, out var count))
        {
            if (count <= 1 ? _pending.TryRemove(new KeyValuePair<string, int>(address, count)) : _pending.TryUpdate(address, count - 1, count)) return;
        }
    }
}

using System.Collections.Concurrent;

namespace JitsiMesh.Signalling.Bosh;

/// <summary>The BOSH sessions of this node, by the id that is known to their clients alone.</summary>
public sealed class BoshSessions
{
    private readonly ConcurrentDictionary<string, BoshTransport> _byId = new(StringComparer.Ordinal);
    private int _count;

    public BoshSessions(SignallingMetrics metrics) => metrics.Observe("signalling.bosh.sessions", "Sessions over BOSH of this node", () => Count);

    public int Count => Volatile.Read(ref _count);

    /// <summary>False where the node has as many as it may.</summary>
    internal bool TryAdd(string id, BoshTransport transport)
    {
        if (Interlocked.Increment(ref _count) <= BoshLimits.SessionsOfNode && _byId.TryAdd(id, transport)) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    internal BoshTransport? Find(string id) => _byId.GetValueOrDefault(id);

    internal void Remove(string id)
    {
        if (_byId.TryRemove(id, out _)) Interlocked.Decrement(ref _count);
    }
}

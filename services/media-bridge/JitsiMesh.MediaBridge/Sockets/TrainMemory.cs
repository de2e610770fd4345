using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>
/// The receivers that get no trains for a while because one to them was refused: a path whose MTU is smaller than the segments, which affects only that receiver. Only when
/// many are refused and none succeeds, trains stop for all receivers, and are retried later.
/// </summary>
internal sealed class TrainMemory
{
    private readonly Dictionary<TransportAddress, long> _until = [];
    private readonly Queue<TransportAddress> _order = [];
    private readonly HashSet<TransportAddress> _inVain = [];
    private long _stoppedUntil;
    private long _nextSweep;

    /// <summary>Nothing was refused: the packet path can skip the lookup.</summary>
    public bool IsEmpty => _until.Count == 0 && _stoppedUntil == 0;

    public int Count => _until.Count;

    /// <summary>No trains are built at all.</summary>
    public bool IsStopped(long now) => now < _stoppedUntil;

    public bool Allows(in TransportAddress remote, long now)
    {
        if (_stoppedUntil != 0)
        {
            if (now < _stoppedUntil) return false;
            _stoppedUntil = 0;
        }

        if (now >= _nextSweep) Sweep(now);
        return !_until.TryGetValue(remote, out var until) || now >= until;
    }

    /// <summary>A train was sent: the device supports trains.</summary>
    public void OnTaken()
    {
        if (_inVain.Count > 0) _inVain.Clear();
    }

    public void OnRefused(in TransportAddress remote, long now)
    {
        if (_until.TryAdd(remote, 0)) _order.Enqueue(remote);
        _until[remote] = now + (long)PortLimits.TrainlessFor.TotalMilliseconds;

        if (_order.Count > PortLimits.TrainlessReceivers) _until.Remove(_order.Dequeue());
        _inVain.Add(remote);
        if (_inVain.Count < PortLimits.RefusalsToStop) return;
        _inVain.Clear();
        _until.Clear();
        _order.Clear();
        _stoppedUntil = now + (long)PortLimits.StoppedFor.TotalMilliseconds;
    }

    /// <summary>Removes expired receivers, so that the packet path can skip the lookup again.</summary>
    private void Sweep(long now)
    {
        _nextSweep = now + (long)PortLimits.TrainlessFor.TotalMilliseconds;
        for (var left = _order.Count; left > 0; left--)
        {
            var remote = _order.Dequeue();
            if (_until[remote] > now) _order.Enqueue(remote);
            else _until.Remove(remote);
        }
    }
}

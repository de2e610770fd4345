using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>
/// Limits keyframe requests to the sources of one endpoint: one every 200 ms for an SSRC from all requesters, and for each requester one every 200 ms and three in 10 s. A
/// request that the common limit refuses does not count against the requester.
/// </summary>
internal sealed class KeyframeRequester
{
    public const int MaxPerWindow = 3;

    /// <summary>Requesters remembered for one source; in a larger room only the common limit applies.</summary>
    public const int MaxRequesters = 1024;

    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Dictionary<uint, MonotonicTime> _lastBySsrc = [];
    private readonly Dictionary<(object Requester, uint Ssrc), History> _byRequester = [];

    public long Sent { get; private set; }

    public long Suppressed { get; private set; }

    /// <param name="requester">The receiver that requests; null for the bridge itself, which only the common limit restricts.</param>
    /// <param name="ssrc">The encoding to request the keyframe from.</param>
    /// <param name="now">The time.</param>
    public bool TryRequest(object? requester, uint ssrc, MonotonicTime now)
    {
        if (_lastBySsrc.TryGetValue(ssrc, out var last) && now - last < MinInterval) return Suppress();
        if (requester is not null)
        {
            if (!_byRequester.TryGetValue((requester, ssrc), out var history))
            {
                history = new History();
                if (_byRequester.Count < MaxRequesters) _byRequester[(requester, ssrc)] = history;
            }

            if (!history.TryAdd(now)) return Suppress();
        }

        _lastBySsrc[ssrc] = now;
        Sent++;
        return true;
    }

    /// <summary>A receiver left: remove its history.</summary>
    public void Forget(object requester)
    {
        foreach (var key in _byRequester.Keys)
        {
            if (ReferenceEquals(key.Requester, requester)) _byRequester.Remove(key);
        }
    }

    private bool Suppress()
    {
        Suppressed++;
        return false;
    }

    private sealed class History
    {
        private readonly MonotonicTime[] _times = new MonotonicTime[MaxPerWindow];
        private int _count;

        public bool TryAdd(MonotonicTime now)
        {
            var oldest = _times[_count % MaxPerWindow];
            if (_count >= MaxPerWindow && now - oldest < Window) return false;
            _times[_count++ % MaxPerWindow] = now;
            return true;
        }
    }
}

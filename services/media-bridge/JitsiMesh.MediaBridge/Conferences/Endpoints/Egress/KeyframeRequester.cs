using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>
/// Paces keyframe requests to the sources of one endpoint: one each 200 ms for an SSRC from all askers together, and for each asker one each 200 ms and
/// three in 10 s. A request that the common limit refuses does not use up the asker's share.
/// </summary>
internal sealed class KeyframeRequester
{
    public const int MaxPerWindow = 3;

    /// <summary>Askers remembered for one source; a larger room shares the common limit alone.</summary>
    public const int MaxRequesters = 1024;

    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Dictionary<uint, MonotonicTime> _lastBySsrc = [];
    private readonly Dictionary<(object Requester, uint Ssrc), History> _byRequester = [];

    public long Sent { get; private set; }

    public long Suppressed { get; private set; }

    /// <param name="requester">The receiver that asks; null when the bridge itself does, which only the common limit holds back.</param>
    /// <param name="ssrc">The encoding asked of.</param>
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

    /// <summary>A receiver left: its history goes.</summary>
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

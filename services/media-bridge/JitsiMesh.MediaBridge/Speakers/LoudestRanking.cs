using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Speakers;

/// <summary>
/// Which endpoints are the loudest right now, for forwarding only those: exponentially smoothed energy, kept among a few; a place is lost after
/// 150 ms without packets.
/// </summary>
public sealed class LoudestRanking(int places = SpeakerLimits.Loudest)
{
    private const double Smoothing = 0.5;
    private readonly Dictionary<string, Entry> _endpoints = [];

    /// <summary>Takes a level and tells whether the endpoint is among the loudest with it.</summary>
    public bool OnLevel(string endpoint, int loudness, MonotonicTime now)
    {
        if (!_endpoints.TryGetValue(endpoint, out var entry)) _endpoints.Add(endpoint, entry = new Entry());
        var stale = now - entry.LastLevel > SpeakerLimits.LoudestTimeout;
        entry.Energy = stale ? Smoothing * loudness : (Smoothing * loudness) + ((1 - Smoothing) * entry.Energy);
        entry.LastLevel = now;
        var louder = 0;
        foreach (var other in _endpoints.Values)
        {
            if (ReferenceEquals(other, entry) || now - other.LastLevel > SpeakerLimits.LoudestTimeout) continue;
            if (other.Energy > entry.Energy && ++louder >= places) return false;
        }

        return true;
    }

    public void Leave(string endpoint) => _endpoints.Remove(endpoint);

    private sealed class Entry
    {
        public double Energy;
        public MonotonicTime LastLevel;
    }
}

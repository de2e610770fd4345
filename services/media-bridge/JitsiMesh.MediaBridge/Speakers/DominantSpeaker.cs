using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Speakers;

/// <summary>
/// Finds the speaker of a conference: compares the speech activity of all endpoints every 300 ms and keeps the list of recent speakers. Driven by levels and ticks; no clock,
/// no I/O. Endpoints are known from <see cref="Join"/> to <see cref="Leave"/>; visitors and synthetic sources never join.
/// </summary>
public sealed class DominantSpeaker
{
    private const double MinImmediateRatio = 3;
    private const double MinMediumRatio = 2;
    private const double MinLongRatio = 0;

    // Ticks missed by more than this are not made up for.
    private const int MaxIdleStepsAtOnce = 50;

    private readonly Dictionary<string, SpeechActivity> _endpoints = [];
    private readonly List<string> _joined = [];
    private readonly List<string> _recent = [];
    private MonotonicTime _nextDecision;
    private MonotonicTime _nextIdleCheck;
    private MonotonicTime _lastLevel;
    private bool _started;
    private bool _changed;

    /// <summary>Null before anyone joined.</summary>
    public string? Dominant { get; private set; }

    /// <summary>Earlier dominant speakers, the latest first.</summary>
    public IReadOnlyList<string> Recent => _recent;

    public int EndpointCount => _joined.Count;

    /// <summary>When <see cref="OnTick"/> is due next; never after a long time without levels.</summary>
    public MonotonicTime NextTimeout => !_started || IsAsleep(_nextIdleCheck) ? MonotonicTime.Never : MonotonicTime.Min(_nextIdleCheck, _nextDecision);

    public void Join(string endpoint)
    {
        if (!_endpoints.TryAdd(endpoint, new SpeechActivity())) return;
        _joined.Add(endpoint);
    }

    /// <summary>Removes an endpoint, also from the recent list. If it was dominant, the next decision chooses another one.</summary>
    public void Leave(string endpoint)
    {
        if (!_endpoints.Remove(endpoint)) return;
        _joined.Remove(endpoint);
        if (_recent.Remove(endpoint)) _changed = true;
        if (Dominant != endpoint) return;

        // The previous speaker is the best guess.
        Dominant = _recent.Count > 0 ? _recent[0] : null;
        if (Dominant is not null) _recent.RemoveAt(0);
        _changed = true;
    }

    /// <summary>The endpoints in the order of their importance for video: the dominant one, then by latest dominance, then in order of joining.</summary>
    public IEnumerable<string> SpeechOrder()
    {
        if (Dominant is not null) yield return Dominant;
        foreach (var endpoint in _recent) yield return endpoint;
        foreach (var endpoint in _joined)
        {
            if (endpoint != Dominant && !_recent.Contains(endpoint)) yield return endpoint;
        }
    }

    /// <summary>The level of one audio packet, as loudness: 127 minus the -dBov of the header extension. False for an endpoint that has not joined.</summary>
    public bool OnLevel(string endpoint, int loudness, MonotonicTime now)
    {
        if (!_endpoints.TryGetValue(endpoint, out var activity)) return false;
        if (!_started || IsAsleep(now))
        {
            _started = true;
            _nextIdleCheck = now + SpeakerLimits.IdleInterval;
            _nextDecision = now + SpeakerLimits.DecisionInterval;
        }

        _lastLevel = now;
        activity.OnLevel(loudness, now);
        return true;
    }

    /// <summary>Processes what is due by <paramref name="now"/>; returns the new state when the dominant speaker or the list changed.</summary>
    public SpeakerChange? OnTick(MonotonicTime now)
    {
        if (_started)
        {
            InsertMissing(now);
            if (now >= _nextDecision && !IsAsleep(now))
            {
                _nextDecision = now + SpeakerLimits.DecisionInterval;
                Decide();
            }
        }

        if (!_changed) return null;
        _changed = false;
        return Snapshot();
    }

    /// <summary>The state for a client that has just connected.</summary>
    public SpeakerChange Snapshot() => new(Dominant, [.. _recent]);

    private bool IsAsleep(MonotonicTime now) => now - _lastLevel > SpeakerLimits.SleepAfter;

    private void InsertMissing(MonotonicTime now)
    {
        for (var steps = 0; _nextIdleCheck <= now && steps < MaxIdleStepsAtOnce; steps++)
        {
            foreach (var activity in _endpoints.Values)
            {
                if (_nextIdleCheck - activity.LastLevel > SpeakerLimits.IdleInterval) activity.OnMissing();
            }

            _nextIdleCheck += SpeakerLimits.IdleInterval;
        }

        if (_nextIdleCheck <= now) _nextIdleCheck = now + SpeakerLimits.IdleInterval;
    }

    private void Decide()
    {
        if (_joined.Count == 0) return;
        if (Dominant is null) Choose(_joined[0]);
        var dominant = _endpoints[Dominant!];
        dominant.Evaluate();

        string? winner = null;
        var best = MinMediumRatio;
        foreach (var endpoint in _joined)
        {
            if (endpoint == Dominant) continue;
            var challenger = _endpoints[endpoint];
            challenger.Evaluate();
            var medium = Math.Log(challenger.Medium / dominant.Medium);
            if (Math.Log(challenger.Immediate / dominant.Immediate) <= MinImmediateRatio || medium <= best || Math.Log(challenger.Long / dominant.Long) <= MinLongRatio) continue;
            best = medium;
            winner = endpoint;
        }

        if (winner is not null) Choose(winner);
    }

    private void Choose(string endpoint)
    {
        _recent.Remove(endpoint);
        if (Dominant is not null) _recent.Insert(0, Dominant);
        if (_recent.Count > SpeakerLimits.MaxRecentSpeakers) _recent.RemoveAt(_recent.Count - 1);
        Dominant = endpoint;
        _changed = true;
    }
}

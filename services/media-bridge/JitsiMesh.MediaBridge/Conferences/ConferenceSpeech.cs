using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Who speaks in a conference: the dominant speaker, the recent ones, and the order that lastN follows.</summary>
internal sealed class ConferenceSpeech(Conference conference, MonotonicTime now)
{
    /// <summary>Earlier speakers that clients are told of.</summary>
    public const int RecentSpeakers = 10;

    private readonly List<BridgeEndpoint> _order = [];
    private int _spoken;

    public MonotonicTime NextTimeout { get; private set; } = MonotonicTime.Max(now, MonotonicTime.Never);

    /// <summary>The dominant speaker first, then by most recent dominance, then as they came. Visitors are not in it.</summary>
    public IReadOnlyList<BridgeEndpoint> Order => _order;

    public BridgeEndpoint? Dominant => _spoken > 0 ? _order[0] : null;

    public void Add(BridgeEndpoint endpoint, MonotonicTime now)
    {
        if (!endpoint.IsVisitor) _order.Add(endpoint);
    }

    public void Remove(BridgeEndpoint endpoint, MonotonicTime now)
    {
        var index = _order.IndexOf(endpoint);
        if (index < 0) return;
        _order.RemoveAt(index);
        if (index < _spoken) _spoken--;
    }

    public void OnAudioLevel(BridgeEndpoint endpoint, int loudness, MonotonicTime now)
    {
    }

    public void HandleTimeout(MonotonicTime now)
    {
    }

    /// <summary>One of the recent speakers, the dominant one included.</summary>
    public bool IsRecent(BridgeEndpoint endpoint)
    {
        var index = _order.IndexOf(endpoint);
        return index >= 0 && index < Math.Min(_spoken, RecentSpeakers + 1);
    }

    /// <summary>What a client is told; null before anybody spoke.</summary>
    public byte[]? DominantMessage()
    {
        if (Dominant is not { } dominant) return null;
        var previous = new List<string>();
        for (var i = 1; i < _spoken && previous.Count < RecentSpeakers; i++) previous.Add(_order[i].Id);
        return ChannelMessageWriter.DominantSpeaker(dominant.Id, previous, silence: false);
    }

    private void SetDominant(BridgeEndpoint endpoint, MonotonicTime now)
    {
        var index = _order.IndexOf(endpoint);
        if (index < 0 || (index == 0 && _spoken > 0)) return;
        _order.RemoveAt(index);
        _order.Insert(0, endpoint);
        if (index >= _spoken) _spoken++;
        if (DominantMessage() is { } message) conference.Broadcast(message, now);
        conference.InvalidateAllocations();
    }
}

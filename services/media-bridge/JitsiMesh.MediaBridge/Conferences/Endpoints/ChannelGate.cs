using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>
/// Limits the messages of one client's channel to rates far above those of a genuine client. Messages beyond them are dropped and counted, except settings (layout, lastN,
/// audio subscription, video type): the last of each counts, and is applied when its turn comes. The bytes read are bounded as well; beyond that settings are dropped too.
/// </summary>
internal sealed class ChannelGate(BridgeEndpoint endpoint)
{
    private readonly TokenBucket _messages = new(ChannelLimits.MessagesPerSecond, ChannelLimits.MessageBurst);
    private readonly TokenBucket _read = new(ChannelLimits.ReadBytesPerSecond, ChannelLimits.ReadBurstBytes);
    private readonly TokenBucket _wishes = new(ChannelLimits.WishesPerSecond, ChannelLimits.WishBurst);
    private readonly TokenBucket _forwarded = new(ChannelLimits.ForwardedBytesPerSecond, ChannelLimits.ForwardedBurstBytes);
    private readonly Dictionary<string, SourceVideoTypeChanged> _videoTypes = [];
    private ReceiverAudioSubscription? _audio;
    private bool _layout;
    private bool _told;

    /// <summary>A settings message waits for its turn.</summary>
    public bool HasKept => _layout || _audio is not null || _videoTypes.Count > 0;

    public void OnMessage(ReadOnlyMemory<byte> utf8, MonotonicTime now)
    {
        var cost = 1 + (utf8.Length / ChannelLimits.BytesPerMessage);
        if (!MayRead(utf8.Span, within: _messages.TryTake(cost, now), now))
        {
            Refuse(ChannelRejection.TooOften);
            return;
        }

        if (!ChannelMessageReader.TryRead(utf8, out var message, out var rejection) || message is null) endpoint.Counters.Reject(rejection);
        else if (!IsWish(message) || _wishes.TryTake(1, now)) CarryOut(message, now);
        else Keep(message);
    }

    /// <summary>Whether a message may be forwarded to that many receivers. A refused one is counted.</summary>
    public bool MayForward(int bytes, int receivers, MonotonicTime now)
    {
        if (_forwarded.TryTake((double)(bytes + ChannelLimits.ForwardingOverhead) * receivers, now)) return true;
        Refuse(ChannelRejection.TooMuch);
        return false;
    }

    /// <summary>Applies the settings whose turn has come.</summary>
    public void Tick(MonotonicTime now)
    {
        if (!HasKept) return;
        if (_layout && _wishes.TryTake(1, now))
        {
            _layout = false;
            endpoint.Allocation.Run(now);
        }

        if (_audio is { } audio && _wishes.TryTake(1, now)) CarryOut(audio, now);
        while (_videoTypes.Count > 0 && _wishes.TryTake(1, now)) CarryOut(_videoTypes.Values.First(), now);
    }

    /// <summary>Whether a message may be read completely. Reading its class is work too, so that is bounded as well.</summary>
    /// <param name="utf8">The message.</param>
    /// <param name="within">The message is within the rate of messages.</param>
    /// <param name="now">The time.</param>
    private bool MayRead(ReadOnlySpan<byte> utf8, bool within, MonotonicTime now)
    {
        if (!within && utf8.Length > ChannelLimits.MaxWishBytesBeyondRate) return false;
        if (!_read.TryTake(utf8.Length + ChannelLimits.ReadOverhead, now)) return false;
        return within || ChannelMessageReader.IsWish(utf8);
    }

    private static bool IsWish(ChannelMessage message) =>
        message is ReceiverVideoConstraints or LastNChanged or ReceiverAudioSubscription or SourceVideoTypeChanged;

    private void CarryOut(ChannelMessage message, MonotonicTime now)
    {
        switch (message)
        {
            // The layout contains what was stored before; this message is merged into it.
            case ReceiverVideoConstraints or LastNChanged:
                _layout = false;
                break;
            case ReceiverAudioSubscription:
                _audio = null;
                break;
            case SourceVideoTypeChanged change:
                _videoTypes.Remove(change.SourceName ?? "");
                break;
        }

        endpoint.Conference.Messages.Handle(endpoint, message, now);
    }

    private void Keep(ChannelMessage wish)
    {
        switch (wish)
        {
            case ReceiverVideoConstraints constraints:
                endpoint.Allocation.Keep(constraints);
                _layout = true;
                break;
            case LastNChanged lastN:
                endpoint.Allocation.Keep(lastN);
                _layout = true;
                break;
            case ReceiverAudioSubscription audio:
                _audio = audio;
                break;
            case SourceVideoTypeChanged change when _videoTypes.Count < EndpointLimits.MaxSources || _videoTypes.ContainsKey(change.SourceName ?? ""):
                _videoTypes[change.SourceName ?? ""] = change;
                break;
            default:
                Refuse(ChannelRejection.TooOften);
                break;
        }
    }

    private void Refuse(ChannelRejection reason)
    {
        endpoint.Counters.Reject(reason);
        if (_told) return;
        _told = true;
        endpoint.Shard.OnChannelLimited(endpoint, reason);
    }
}

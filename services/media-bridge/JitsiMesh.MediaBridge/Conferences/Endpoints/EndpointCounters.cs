using JitsiMesh.MediaBridge.BridgeChannel;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>Why a packet of an endpoint was dropped. Each reason is counted; none closes anything.</summary>
public enum PacketDrop
{
    Malformed,
    UnknownPayloadType,
    UnknownSsrc,
    Visitor,
    ForceMuted,
    Duplicate,
    Padding,
    Silence,
    Undescribed,
    Transport,
    MalformedRtcp,

    /// <summary>A payload beyond <see cref="Ingress.IngressLimits.MaxPayloadBytes"/>.</summary>
    TooLong,

    /// <summary>The packet composed for this receiver does not fit a send buffer.</summary>
    NoRoom,

    /// <summary>An audio packet for which this receiver has no slot and may not take one from another source.</summary>
    NoSlot,

    /// <summary>RTCP beyond <see cref="EndpointLimits.RtcpPerSecond"/>.</summary>
    RtcpTooOften,
    Count,
}

/// <summary>The sent and received packets of one endpoint, and the dropped ones.</summary>
public sealed class EndpointCounters
{
    private readonly long[] _drops = new long[(int)PacketDrop.Count];
    private readonly long[] _rejections = new long[Enum.GetValues<ChannelRejection>().Length];

    public long PacketsReceived { get; internal set; }

    public long BytesReceived { get; internal set; }

    public long PacketsSent { get; internal set; }

    public long BytesSent { get; internal set; }

    public long Retransmitted { get; internal set; }

    public long NacksAnsweredEmpty { get; internal set; }

    public long KeyframesRequested { get; internal set; }

    public long ChannelMessagesReceived { get; internal set; }

    public long ChannelMessagesSent { get; internal set; }

    public long ChannelMessagesRejected => _rejections.Sum();

    public long RejectedDataChannels { get; internal set; }

    public long UnmatchedFeedback { get; internal set; }

    public long Dropped(PacketDrop reason) => _drops[(int)reason];

    public long Rejected(ChannelRejection reason) => _rejections[(int)reason];

    internal void Drop(PacketDrop reason) => _drops[(int)reason]++;

    internal void Reject(ChannelRejection reason) => _rejections[(int)reason]++;
}

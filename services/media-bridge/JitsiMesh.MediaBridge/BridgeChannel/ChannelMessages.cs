using System.Text.Json;

namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>A message from a client on the bridge channel; which one says its <c>colibriClass</c>.</summary>
public abstract record ChannelMessage;

public sealed record ClientHello : ChannelMessage
{
    public static readonly ClientHello Instance = new();
}

/// <summary>The receiver's layout. An absent field (null) keeps the old value; <see cref="Constraints"/> replaces the whole map.</summary>
public sealed record ReceiverVideoConstraints : ChannelMessage
{
    /// <summary>Number of sources; -1 without limit.</summary>
    public int? LastN { get; init; }

    public IReadOnlyList<string>? SelectedSources { get; init; }

    public IReadOnlyList<string>? OnStageSources { get; init; }

    public VideoConstraints? DefaultConstraints { get; init; }

    public IReadOnlyDictionary<string, VideoConstraints>? Constraints { get; init; }

    /// <summary>Bits per second the client asks to be taken for its downlink; -1 or absent: none.</summary>
    public long? AssumedBandwidthBps { get; init; }
}

public sealed record LastNChanged(int LastN) : ChannelMessage;

/// <summary>Which microphones to forward: <c>exclude</c> beats <c>include</c> beats <c>all</c>.</summary>
public sealed record ReceiverAudioSubscription(bool All, IReadOnlyList<string> Include, IReadOnlyList<string> Exclude) : ChannelMessage;

/// <param name="SourceName">Null in the old form for endpoints with one video source.</param>
/// <param name="VideoType">What the source shows from now on.</param>
public sealed record SourceVideoTypeChanged(string? SourceName, VideoType VideoType) : ChannelMessage;

/// <param name="To">An endpoint id, or empty for everyone.</param>
/// <param name="Body">The whole message as it came.</param>
public sealed record EndpointText(string To, JsonElement Body) : ChannelMessage;

/// <param name="Body">The whole message as it came.</param>
public sealed record EndpointStatistics(JsonElement Body) : ChannelMessage;

/// <summary>Why a message was dropped; the channel stays open in every case.</summary>
public enum ChannelRejection
{
    None,
    TooLong,

    /// <summary>A binary frame of a WebSocket.</summary>
    NotText,
    NotJson,
    NoClass,
    UnknownClass,
    MissingField,

    /// <summary>Beyond <see cref="ChannelLimits.MessagesPerSecond"/> or <see cref="ChannelLimits.ReadBytesPerSecond"/>.</summary>
    TooOften,

    /// <summary>For others, beyond <see cref="ChannelLimits.ForwardedBytesPerSecond"/>.</summary>
    TooMuch,
}

using System.Text.Json;

namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>A message from a client on the bridge channel; its <c>colibriClass</c> selects the type.</summary>
public abstract record ChannelMessage;

public sealed record ClientHello : ChannelMessage
{
    public static readonly ClientHello Instance = new();
}

/// <summary>The receiver's layout. An absent field (null) keeps the old value; <see cref="Constraints"/> replaces the whole map.</summary>
public sealed record ReceiverVideoConstraints : ChannelMessage
{
    /// <summary>The number of sources; -1: no limit.</summary>
    public int? LastN { get; init; }

    public IReadOnlyList<string>? SelectedSources { get; init; }

    public IReadOnlyList<string>? OnStageSources { get; init; }

    public VideoConstraints? DefaultConstraints { get; init; }

    public IReadOnlyDictionary<string, VideoConstraints>? Constraints { get; init; }

    /// <summary>The downlink bandwidth that the client asks the bridge to assume, in bits per second; -1 or absent: none.</summary>
    public long? AssumedBandwidthBps { get; init; }
}

public sealed record LastNChanged(int LastN) : ChannelMessage;

/// <summary>The audio sources to forward: <c>exclude</c> overrides <c>include</c>, which overrides <c>all</c>.</summary>
public sealed record ReceiverAudioSubscription(bool All, IReadOnlyList<string> Include, IReadOnlyList<string> Exclude) : ChannelMessage;

/// <param name="SourceName">Null in the old form for endpoints with one video source.</param>
/// <param name="VideoType">The new video type of the source.</param>
public sealed record SourceVideoTypeChanged(string? SourceName, VideoType VideoType) : ChannelMessage;

/// <param name="To">An endpoint id, or empty for all endpoints.</param>
/// <param name="Body">The complete message as received.</param>
public sealed record EndpointText(string To, JsonElement Body) : ChannelMessage;

/// <param name="Body">The complete message as received.</param>
public sealed record EndpointStatistics(JsonElement Body) : ChannelMessage;

/// <summary>Why a message was dropped; the channel always stays open.</summary>
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

    /// <summary>A message for others, beyond <see cref="ChannelLimits.ForwardedBytesPerSecond"/>.</summary>
    TooMuch,
}

using JitsiMesh.MediaBridge.BridgeChannel;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>A receiver's layout from its messages so far. Immutable; each message creates the next one.</summary>
public sealed record AllocationSettings
{
    /// <summary>No video is sent before the first ReceiverVideoConstraints: the receiver has no tracks for it yet, and with SSRC rewriting no maps.</summary>
    public static readonly AllocationSettings Initial = new();

    public int LastN { get; init; } = -1;

    public IReadOnlyList<string> SelectedSources { get; init; } = [];

    public IReadOnlyList<string> OnStageSources { get; init; } = [];

    public VideoConstraints DefaultConstraints { get; init; } = VideoConstraints.Nothing;

    public IReadOnlyDictionary<string, VideoConstraints> Constraints { get; init; } = new Dictionary<string, VideoConstraints>();

    public long AssumedBandwidthBps { get; init; } = -1;

    /// <summary>False until the first message arrived.</summary>
    public bool Received { get; init; }

    public VideoConstraints For(string source) => Constraints.TryGetValue(source, out var own) ? own : DefaultConstraints;

    public AllocationSettings With(ReceiverVideoConstraints message) => this with
    {
        LastN = message.LastN ?? LastN,
        SelectedSources = message.SelectedSources ?? SelectedSources,
        OnStageSources = message.OnStageSources ?? OnStageSources,
        DefaultConstraints = message.DefaultConstraints ?? (Received ? DefaultConstraints : new VideoConstraints(AllocationLimits.DefaultMaxHeight)),
        Constraints = message.Constraints ?? Constraints,
        AssumedBandwidthBps = message.AssumedBandwidthBps ?? AssumedBandwidthBps,
        Received = true,
    };
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// The state of a conference besides its participants. Every value is immutable, so that a change is visible as a new reference. Each part of the conference owns one slice and
/// is its only writer; others may read it. The stored form is flat: every node can read what another version wrote.
/// </summary>
public sealed record ConferenceCore
{
    /// <summary>The bare JID of the room.</summary>
    public required string Room { get; init; }

    public required string MeetingId { get; init; }

    /// <summary>The prefix of every IQ id of this conference.</summary>
    public required string Tag { get; init; }

    public ConferencePhase Phase { get; init; } = ConferencePhase.Joining;

    public ConferenceEndReason EndReason { get; init; }

    /// <summary>The last number given to an IQ or a call; owned by <see cref="ConferenceEffects"/>.</summary>
    public long LastNumber { get; init; }

    /// <summary>The last number given to an envelope. The sender is <see cref="Tag"/>, whichever node owns the conference.</summary>
    public long LastSent { get; init; }

    /// <summary>The number of the last join; owned by <see cref="Members"/>.</summary>
    public long LastOrder { get; init; }

    /// <summary>Unanswered IQs of the focus; owned by <see cref="IqRequests"/>.</summary>
    public ImmutableArray<PendingIq> PendingIqs { get; init; } = [];

    /// <summary>When a conference without participants ends; <see cref="MonotonicTime.Never"/> when not running. This one and the next are owned by <see cref="ConferenceTimeouts"/>.</summary>
    public MonotonicTime EmptyDeadline { get; init; } = MonotonicTime.Never;

    public MonotonicTime SingleDeadline { get; init; } = MonotonicTime.Never;

    /// <summary>When refused participants are invited again; owned by <see cref="Invitations"/>.</summary>
    public MonotonicTime ForgiveDeadline { get; init; } = MonotonicTime.Never;

    /// <summary>This room's breakout rooms are occupied; owned by <see cref="BreakoutRooms"/>.</summary>
    public bool BreakoutsOccupied { get; init; }

    [JsonIgnore]
    public AdmissionState Admissions { get; init; } = AdmissionState.Initial;

    [JsonIgnore]
    public OwnerElectionState Owners { get; init; } = OwnerElectionState.Initial;

    [JsonIgnore]
    public ModerationState Moderation { get; init; } = ModerationState.Initial;

    [JsonIgnore]
    public SenderLimitState SenderLimits { get; init; } = SenderLimitState.Initial;

    [JsonIgnore]
    public BridgeAssignmentState Assignment { get; init; } = BridgeAssignmentState.Initial;

    // The stored form of the slices.
    public ImmutableArray<WaitingRequest> Waiting { get => Admissions.Waiting; init => Admissions = Admissions with { Waiting = value }; }

    public ImmutableArray<KnownAsker> Known { get => Admissions.Known; init => Admissions = Admissions with { Known = value }; }

    public ImmutableArray<ExpectedAsker> Expected { get => Admissions.Expected; init => Admissions = Admissions with { Expected = value }; }

    public bool IsBreakout { get => Owners.IsBreakout; init => Owners = Owners with { IsBreakout = value }; }

    public bool ModeratorsAreNamed { get => Owners.ModeratorsAreNamed; init => Owners = Owners with { ModeratorsAreNamed = value }; }

    public int? StartAudioMuted { get => Moderation.StartAudioMuted; init => Moderation = Moderation with { StartAudioMuted = value }; }

    public int? StartVideoMuted { get => Moderation.StartVideoMuted; init => Moderation = Moderation with { StartVideoMuted = value }; }

    public bool StartAudioMutedByPolicy { get => Moderation.StartAudioMutedByPolicy; init => Moderation = Moderation with { StartAudioMutedByPolicy = value }; }

    public bool StartVideoMutedByPolicy { get => Moderation.StartVideoMutedByPolicy; init => Moderation = Moderation with { StartVideoMutedByPolicy = value }; }

    public ImmutableArray<string>? AudioModeration { get => Moderation.Audio; init => Moderation = Moderation with { Audio = value }; }

    public ImmutableArray<string>? VideoModeration { get => Moderation.Video; init => Moderation = Moderation with { Video = value }; }

    public ImmutableArray<string>? DesktopModeration { get => Moderation.Desktop; init => Moderation = Moderation with { Desktop = value }; }

    public bool AudioLimitReached { get => SenderLimits.AudioReached; init => SenderLimits = SenderLimits with { AudioReached = value }; }

    public bool VideoLimitReached { get => SenderLimits.VideoReached; init => SenderLimits = SenderLimits with { VideoReached = value }; }

    public ImmutableArray<BridgeSessionState> BridgeSessions { get => Assignment.Sessions; init => Assignment = Assignment with { Sessions = value }; }

    public ImmutableArray<AvoidedBridge> Avoided { get => Assignment.Avoided; init => Assignment = Assignment with { Avoided = value }; }

    public ImmutableArray<string> WithoutSctp { get => Assignment.WithoutSctp; init => Assignment = Assignment with { WithoutSctp = value }; }

    public bool BridgeNotAvailable { get => Assignment.NotAvailable; init => Assignment = Assignment with { NotAvailable = value }; }

    public int FailuresInARow { get => Assignment.FailuresInARow; init => Assignment = Assignment with { FailuresInARow = value }; }

    public MonotonicTime RetryDeadline { get => Assignment.RetryDeadline; init => Assignment = Assignment with { RetryDeadline = value }; }

    public MonotonicTime NoBridgeDeadline { get => Assignment.NoBridgeDeadline; init => Assignment = Assignment with { NoBridgeDeadline = value }; }
}

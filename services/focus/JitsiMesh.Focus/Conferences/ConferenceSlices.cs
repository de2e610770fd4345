using System.Collections.Immutable;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The slice of <see cref="ConferenceRequests"/>.</summary>
public sealed record AdmissionState
{
    public static readonly AdmissionState Initial = new();

    public ImmutableArray<WaitingRequest> Waiting { get; init; } = [];

    /// <summary>The logins of full JIDs that sent one with a request, the latest last.</summary>
    public ImmutableArray<KnownAsker> Known { get; init; } = [];

    /// <summary>Full JIDs that received <c>ready=true</c> and have not joined yet.</summary>
    public ImmutableArray<ExpectedAsker> Expected { get; init; } = [];
}

/// <summary>The slice of <see cref="OwnerElection"/>.</summary>
public sealed record OwnerElectionState
{
    public static readonly OwnerElectionState Initial = new();

    public bool IsBreakout { get; init; }

    /// <summary>A login has stated whether a participant moderates. From then on, no participant becomes owner because it joined first.</summary>
    public bool ModeratorsAreNamed { get; init; }
}

/// <summary>The slice of <see cref="Moderation"/>.</summary>
public sealed record ModerationState
{
    public static readonly ModerationState Initial = new();

    /// <summary>Participants beyond this number are invited muted. Set by the request that created the conference.</summary>
    public int? StartAudioMuted { get; init; }

    public int? StartVideoMuted { get; init; }

    /// <summary>The room's metadata require newcomers to start muted.</summary>
    public bool StartAudioMutedByPolicy { get; init; }

    public bool StartVideoMutedByPolicy { get; init; }

    /// <summary>Nicks that may unmute while moderation is on; null: moderation is off.</summary>
    public ImmutableArray<string>? Audio { get; init; }

    public ImmutableArray<string>? Video { get; init; }

    public ImmutableArray<string>? Desktop { get; init; }
}

/// <summary>The slice of <see cref="SenderLimits"/>: what the focus's presence announces.</summary>
public sealed record SenderLimitState
{
    public static readonly SenderLimitState Initial = new();

    public bool AudioReached { get; init; }

    public bool VideoReached { get; init; }
}

/// <summary>The slice of <see cref="BridgeAssignment"/>.</summary>
public sealed record BridgeAssignmentState
{
    public static readonly BridgeAssignmentState Initial = new();

    public ImmutableArray<BridgeSessionState> Sessions { get; init; } = [];

    public ImmutableArray<AvoidedBridge> Avoided { get; init; } = [];

    /// <summary>Bridge instances without data channels.</summary>
    public ImmutableArray<string> WithoutSctp { get; init; } = [];

    /// <summary>The focus's presence announces that there is no bridge.</summary>
    public bool NotAvailable { get; init; }

    /// <summary>The number of bridges removed since the last successful allocation.</summary>
    public int FailuresInARow { get; init; }

    /// <summary>No participant is invited before this time.</summary>
    public MonotonicTime RetryDeadline { get; init; } = MonotonicTime.Never;

    /// <summary>Participants are told after this time that there is no bridge.</summary>
    public MonotonicTime NoBridgeDeadline { get; init; } = MonotonicTime.Never;
}

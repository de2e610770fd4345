using System.Collections.Immutable;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The slice of <see cref="ConferenceRequests"/>.</summary>
public sealed record AdmissionState
{
    public static readonly AdmissionState Initial = new();

    public ImmutableArray<WaitingRequest> Waiting { get; init; } = [];

    /// <summary>Full JIDs that showed with a request who they are, the latest last.</summary>
    public ImmutableArray<KnownAsker> Known { get; init; } = [];

    /// <summary>Full JIDs that were told that the conference is ready and have not joined.</summary>
    public ImmutableArray<ExpectedAsker> Expected { get; init; } = [];
}

/// <summary>The slice of <see cref="OwnerElection"/>.</summary>
public sealed record OwnerElectionState
{
    public static readonly OwnerElectionState Initial = new();

    public bool IsBreakout { get; init; }

    /// <summary>A login has said of a participant whether it moderates: from then on nobody becomes owner for being first.</summary>
    public bool ModeratorsAreNamed { get; init; }
}

/// <summary>The slice of <see cref="Moderation"/>.</summary>
public sealed record ModerationState
{
    public static readonly ModerationState Initial = new();

    /// <summary>Participants beyond this number are invited muted; from the request that created the conference.</summary>
    public int? StartAudioMuted { get; init; }

    public int? StartVideoMuted { get; init; }

    /// <summary>The room's metadata says that newcomers start muted.</summary>
    public bool StartAudioMutedByPolicy { get; init; }

    public bool StartVideoMutedByPolicy { get; init; }

    /// <summary>Nicks that may unmute although the moderators muted all; null: not moderated.</summary>
    public ImmutableArray<string>? Audio { get; init; }

    public ImmutableArray<string>? Video { get; init; }

    public ImmutableArray<string>? Desktop { get; init; }
}

/// <summary>The slice of <see cref="SenderLimits"/>: what the focus's presence says.</summary>
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

    /// <summary>Runs of bridges that have no data channels.</summary>
    public ImmutableArray<string> WithoutSctp { get; init; } = [];

    /// <summary>The focus's presence says that there is no bridge.</summary>
    public bool NotAvailable { get; init; }

    /// <summary>Bridges that were removed since an allocation succeeded.</summary>
    public int FailuresInARow { get; init; }

    /// <summary>Until when nobody is invited.</summary>
    public MonotonicTime RetryDeadline { get; init; } = MonotonicTime.Never;

    /// <summary>Until when a bridge is hoped for before participants are told that there is none.</summary>
    public MonotonicTime NoBridgeDeadline { get; init; } = MonotonicTime.Never;
}

using System.Collections.Immutable;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

public enum ConferencePhase
{
    /// <summary>The join presence is sent.</summary>
    Joining,

    /// <summary>In the room; its configuration form is asked for or submitted.</summary>
    Configuring,
    Active,
    Ended,
}

public enum ConferenceEndReason
{
    None,
    LastParticipantLeft,
    NobodyJoined,
    JoinFailed,
    NotOwner,
    RoomDestroyed,
}

/// <summary>Someone who asked for the conference before it had joined its room.</summary>
/// <param name="To">The address that was asked; the answer comes from it.</param>
public sealed record WaitingRequest(string Id, string From, string To)
{
    /// <summary>The queue of the asker's session.</summary>
    public string Queue { get; init; } = "";

    public string? SessionId { get; init; }

    public string? Identity { get; init; }
}

/// <param name="Until">When the conference no longer waits.</param>
public sealed record ExpectedAsker(string RealJid, MonotonicTime Until);

/// <summary>An authenticated person, in the room or not yet.</summary>
/// <param name="SessionId">With which it showed that, or which it got; null where there is none.</param>
public sealed record KnownAsker(string RealJid, string Identity, string? SessionId = null, bool? Moderator = null);

public enum IqPurpose
{
    OwnerForm,
    OwnerSubmit,
    Features,
    SessionInitiate,
}

public sealed record PendingIq(string Id, IqPurpose Purpose, string Nick, MonotonicTime Deadline);

/// <summary>The conference's own session on one bridge; all its participants there share it.</summary>
public sealed record BridgeSessionState
{
    /// <summary>What clients send back when something fails.</summary>
    public required string Id { get; init; }

    public required string BridgeId { get; init; }

    public required string Instance { get; init; }

    public required string ControlAddress { get; init; }

    public string Region { get; init; } = "";

    /// <summary>The request that creates the conference on the bridge is under way or done.</summary>
    public bool Created { get; init; }

    public SourceSet FeedbackSources { get; init; } = SourceSet.Empty;
}

/// <summary>A run of a bridge that failed this conference, until when it is not chosen again.</summary>
public sealed record AvoidedBridge(string Instance, MonotonicTime Until);

public enum SessionPhase
{
    /// <summary>The bridge is asked for an endpoint.</summary>
    Allocating,

    /// <summary>The session-initiate is sent.</summary>
    Pending,
    Active,

    /// <summary>Over, and not begun anew by itself.</summary>
    Ended,
}

/// <summary>One Jingle session with one participant.</summary>
public sealed record ParticipantSession
{
    public required string Sid { get; init; }

    public required string BridgeSession { get; init; }

    public SessionPhase Phase { get; init; } = SessionPhase.Allocating;

    /// <summary>The call that allocates the endpoint.</summary>
    public long Call { get; init; }

    public bool Rewriting { get; init; }

    public bool JsonSources { get; init; }

    public bool StartAudioMuted { get; init; }

    public bool StartVideoMuted { get; init; }

    /// <summary>The last generation of an in-place ICE restart that was relayed.</summary>
    public int IceGeneration { get; init; }

    /// <summary>With <see cref="SessionPhase.Ended"/>: the bridge refused it, not the client. It is tried again when the bridges change.</summary>
    public bool InviteFailed { get; init; }

    /// <summary>What the participant has been told; empty while SSRC rewriting leaves that to the bridge.</summary>
    public ImmutableArray<SignalledSources> Signalled { get; init; } = [];

    /// <summary>When the participant was last told of sources.</summary>
    public MonotonicTime ToldAt { get; init; }

    public bool IsLive => Phase is SessionPhase.Pending or SessionPhase.Active;
}

public sealed record SignalledSources(string Owner, SourceSet Sources)
{
    /// <summary>The owner left the room since. Whether the client cleaned up after it hangs on what reached it first, so it is told to, even if the owner is back.</summary>
    public bool OwnerLeft { get; init; }
}

/// <summary>A member of the room as the focus sees it.</summary>
public sealed record Participant
{
    /// <summary>Also the endpoint's id.</summary>
    public required string Nick { get; init; }

    public required string RealJid { get; init; }

    /// <summary>Counts joins, so that the eldest is known.</summary>
    public required long Order { get; init; }

    public string Role { get; init; } = "participant";

    public string Affiliation { get; init; } = "none";

    /// <summary>The authenticated identity, or null.</summary>
    public string? Identity { get; init; }

    /// <summary>What its login says of moderating: true, false, or null.</summary>
    public bool? Moderator { get; init; }

    public bool IsRecorder { get; init; }

    public bool IsGateway { get; init; }

    public bool IsTranscriber { get; init; }

    public string Region { get; init; } = "";

    public string StatsId { get; init; } = "";

    public bool AudioMuted { get; init; } = true;

    public bool VideoMuted { get; init; } = true;

    /// <summary><c>node#ver</c> of its capabilities.</summary>
    public string? Caps { get; init; }

    /// <summary>Null until discovered.</summary>
    public ParticipantFeatures? Features { get; init; }

    /// <summary>The request for ownership is sent.</summary>
    public bool OwnerGranted { get; init; }

    /// <summary>It owned the room and does no longer: a moderator took that away, and the focus does not give it back while another owner is there.</summary>
    public bool Demoted { get; init; }

    public bool ForceMuteAudio { get; init; }

    public bool ForceMuteVideo { get; init; }

    public bool InvitedBefore { get; init; }

    public ParticipantSession? Session { get; init; }

    /// <summary>The sid of the session before, for late stanzas of it.</summary>
    public string? FormerSid { get; init; }

    public SourceSet Sources { get; init; } = SourceSet.Empty;

    /// <summary>What it sent before and does not send now: nobody else may take it.</summary>
    public SourceSet FormerSources { get; init; } = SourceSet.Empty;

    public RequestBudget Requests { get; init; }

    public ImmutableArray<MonotonicTime> Restarts { get; init; } = [];

    public ImmutableArray<MonotonicTime> IceRestarts { get; init; } = [];

    /// <summary>W3C trace context of its join, or null: the steps of its invitation belong there, on every owner of the conference.</summary>
    public string? Trace { get; init; }

    public bool IsVisitor => Role == "visitor";

    public bool IsModerator => Affiliation is "owner" or "admin" || Role == "moderator";

    /// <summary>Recorders, gateways that do not understand it, and visitors are never muted by others.</summary>
    public bool NeverMuted => IsRecorder || IsVisitor || (IsGateway && Features is { } features && !features.HasFlag(ParticipantFeatures.AudioMute));
}

public enum CallPurpose
{
    Allocate,
    Update,
    RestartIce,

    /// <summary>Removes something; every answer of the bridge is accepted, unless the bridge is gone.</summary>
    Expire,
}

/// <summary>A call to a bridge that is not answered.</summary>
/// <param name="Creates">It makes the conference on the bridge.</param>
/// <param name="Request">The request as protobuf, so that another owner can send it again.</param>
public sealed record PendingCall(long Id, string BridgeSession, string BridgeId, string ControlAddress, CallPurpose Purpose, string Nick, bool Creates, byte[] Request);

using System.Collections.Immutable;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

public enum ConferencePhase
{
    /// <summary>The join presence is sent.</summary>
    Joining,

    /// <summary>The focus is in the room; it has requested or submitted the configuration form.</summary>
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

/// <summary>A client that requested the conference before the focus had joined the room.</summary>
/// <param name="To">The address that the request was sent to; the answer uses it as its sender.</param>
public sealed record WaitingRequest(string Id, string From, string To)
{
    /// <summary>The link queue of the client's session.</summary>
    public string Queue { get; init; } = "";

    public string? SessionId { get; init; }

    public string? Identity { get; init; }
}

/// <param name="Until">When the conference stops waiting.</param>
public sealed record ExpectedAsker(string RealJid, MonotonicTime Until);

/// <summary>The login of a client, in the room or not.</summary>
/// <param name="SessionId">The session id that the client sent or received; null if there is none.</param>
public sealed record KnownAsker(string RealJid, string Identity, string? SessionId = null, bool? Moderator = null);

public enum IqPurpose
{
    OwnerForm,
    OwnerSubmit,
    Features,
    SessionInitiate,
}

public sealed record PendingIq(string Id, IqPurpose Purpose, string Nick, MonotonicTime Deadline);

/// <summary>The conference's session on one bridge, shared by all its participants there.</summary>
public sealed record BridgeSessionState
{
    /// <summary>Clients send this id back when they report a failure.</summary>
    public required string Id { get; init; }

    public required string BridgeId { get; init; }

    public required string Instance { get; init; }

    public required string ControlAddress { get; init; }

    public string Region { get; init; } = "";

    /// <summary>The request that creates the conference on the bridge is pending or done.</summary>
    public bool Created { get; init; }

    public SourceSet FeedbackSources { get; init; } = SourceSet.Empty;
}

/// <summary>A bridge instance that failed for this conference, and the time until which it is avoided.</summary>
public sealed record AvoidedBridge(string Instance, MonotonicTime Until);

public enum SessionPhase
{
    /// <summary>The focus has requested an endpoint from the bridge.</summary>
    Allocating,

    /// <summary>The session-initiate is sent.</summary>
    Pending,
    Active,

    /// <summary>The session ended; the focus does not start a new one by itself.</summary>
    Ended,
}

/// <summary>One Jingle session with one participant.</summary>
public sealed record ParticipantSession
{
    public required string Sid { get; init; }

    public required string BridgeSession { get; init; }

    public SessionPhase Phase { get; init; } = SessionPhase.Allocating;

    /// <summary>The number of the call that allocates the endpoint.</summary>
    public long Call { get; init; }

    public bool Rewriting { get; init; }

    public bool JsonSources { get; init; }

    public bool StartAudioMuted { get; init; }

    public bool StartVideoMuted { get; init; }

    /// <summary>The generation of the last in-place ICE restart that was relayed.</summary>
    public int IceGeneration { get; init; }

    /// <summary>With <see cref="SessionPhase.Ended"/>: the bridge refused the session, not the client. The focus retries when the bridges change.</summary>
    public bool InviteFailed { get; init; }

    /// <summary>The sources that the participant was told of; empty while the bridge rewrites SSRCs.</summary>
    public ImmutableArray<SignalledSources> Signalled { get; init; } = [];

    /// <summary>When the participant was last told of sources.</summary>
    public MonotonicTime ToldAt { get; init; }

    public bool IsLive => Phase is SessionPhase.Pending or SessionPhase.Active;
}

public sealed record SignalledSources(string Owner, SourceSet Sources)
{
    /// <summary>
    /// The owner of these sources left the room in the meantime. The client may or may not have removed them, depending on which stanza arrived first, so the focus tells it
    /// to, even if the owner is back.
    /// </summary>
    public bool OwnerLeft { get; init; }
}

/// <summary>A member of the room as the focus sees it.</summary>
public sealed record Participant
{
    /// <summary>The nick is also the endpoint's id.</summary>
    public required string Nick { get; init; }

    public required string RealJid { get; init; }

    /// <summary>A counter of joins, which identifies the eldest participant.</summary>
    public required long Order { get; init; }

    public string Role { get; init; } = "participant";

    public string Affiliation { get; init; } = "none";

    /// <summary>The authenticated identity, or null for a guest.</summary>
    public string? Identity { get; init; }

    /// <summary>What the participant's login says about moderating: true, false, or null.</summary>
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

    /// <summary>Null until the features are discovered.</summary>
    public ParticipantFeatures? Features { get; init; }

    /// <summary>The focus has requested ownership for the participant.</summary>
    public bool OwnerGranted { get; init; }

    /// <summary>The participant lost its ownership to a moderator's decision. The focus does not restore it while there is another owner.</summary>
    public bool Demoted { get; init; }

    public bool ForceMuteAudio { get; init; }

    public bool ForceMuteVideo { get; init; }

    public bool InvitedBefore { get; init; }

    public ParticipantSession? Session { get; init; }

    /// <summary>The sid of the previous session, for stanzas that arrive late.</summary>
    public string? FormerSid { get; init; }

    public SourceSet Sources { get; init; } = SourceSet.Empty;

    /// <summary>Sources that the participant sent before and does not send now; they stay reserved for it.</summary>
    public SourceSet FormerSources { get; init; } = SourceSet.Empty;

    public RequestBudget Requests { get; init; }

    public ImmutableArray<MonotonicTime> Restarts { get; init; } = [];

    public ImmutableArray<MonotonicTime> IceRestarts { get; init; } = [];

    /// <summary>W3C trace context of the join, or null. The spans of the invitation belong to it, whichever node owns the conference.</summary>
    public string? Trace { get; init; }

    public bool IsVisitor => Role == "visitor";

    public bool IsModerator => Affiliation is "owner" or "admin" || Role == "moderator";

    /// <summary>Recorders, visitors, and gateways without support for muting are never muted by others.</summary>
    public bool NeverMuted => IsRecorder || IsVisitor || (IsGateway && Features is { } features && !features.HasFlag(ParticipantFeatures.AudioMute));
}

public enum CallPurpose
{
    Allocate,
    Update,
    RestartIce,

    /// <summary>Expires an endpoint or a conference; only an unreachable bridge counts as a failure.</summary>
    Expire,
}

/// <summary>An unanswered call to a bridge.</summary>
/// <param name="Creates">The call creates the conference on the bridge.</param>
/// <param name="Request">The request as protobuf, so that another owner can repeat it.</param>
public sealed record PendingCall(long Id, string BridgeSession, string BridgeId, string ControlAddress, CallPurpose Purpose, string Nick, bool Creates, byte[] Request);

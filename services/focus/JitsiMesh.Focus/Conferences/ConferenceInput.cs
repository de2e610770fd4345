using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>An event that a conference handles.</summary>
public abstract record ConferenceInput;

public sealed record StanzaReceived(StanzaEnvelope Envelope, XmppElement Stanza) : ConferenceInput
{
    /// <summary>For a conference request: the login of its session id, or a new login for an authenticated session without one. For a logout: the login that ended.</summary>
    public SessionTicket? Ticket { get; init; }
}

public sealed record BridgeReplied(long Call, BridgeReply Reply) : ConferenceInput;

/// <summary>The set of bridges changed: this conference may have lost its bridge, or a bridge may be available again.</summary>
public sealed record BridgesChanged : ConferenceInput;

/// <summary>A deadline is due.</summary>
public sealed record Tick : ConferenceInput;

/// <summary>This node took the conference over from an owner that may have crashed between any two steps.</summary>
/// <param name="Outbox">The stanzas of the last step; the previous owner may have sent them or not.</param>
public sealed record TakenOver(IReadOnlyList<StanzaEnvelope> Outbox) : ConferenceInput;

/// <summary>
/// An input threw, which is a bug. None of its effects remain, and the state machine was restored from the stored document. The conference answers the sender and postpones
/// work that would throw again.
/// </summary>
public sealed record InputFailed(ConferenceInput Input) : ConferenceInput;

/// <summary>The environment at the time of an input.</summary>
/// <param name="Caps">Features by <c>node#ver</c>, each verified against its hash.</param>
public sealed record ConferenceContext(MonotonicTime Now, BridgePoolSnapshot Bridges, IReadOnlyDictionary<string, ParticipantFeatures> Caps);

/// <summary>An effect that the host executes, in order, after the state is written.</summary>
public abstract record ConferenceOutput;

public sealed record SendStanza(StanzaEnvelope Envelope) : ConferenceOutput;

/// <summary>A call to a bridge. The host makes the calls of one bridge session one after another, in the order of the outputs.</summary>
public sealed record CallBridge(long Call, string BridgeId, string ControlAddress, ModifyConferenceRequest Request) : ConferenceOutput
{
    /// <summary>W3C trace context of the join that causes the call, or null.</summary>
    public string? Trace { get; init; }

    /// <summary>The participant that the call invites, if its join is traced.</summary>
    public string? Invites { get; init; }
}

/// <summary>The invitation of a participant with a traced join ended.</summary>
/// <param name="Sent">The session-initiate was sent; otherwise the invitation failed.</param>
public sealed record InviteEnded(string Nick, bool Sent) : ConferenceOutput;

public sealed record CapsLearned(string Caps, ParticipantFeatures Features) : ConferenceOutput;

public sealed record EndpointPlaced(string BridgeId) : ConferenceOutput;

/// <summary>A call did not reach the bridge.</summary>
public sealed record BridgeFailed(string BridgeId, string Instance) : ConferenceOutput;

/// <summary>The bridge did not allocate an endpoint and gave no reason. The request may be at fault: only failures in several conferences make a bridge suspect.</summary>
public sealed record AllocationFailed(string BridgeId, string Instance) : ConferenceOutput;

public sealed record BridgeLeaving(string BridgeId, string Instance) : ConferenceOutput;

public sealed record ConferenceBegan(string MeetingId) : ConferenceOutput;

/// <summary>The conference ended; the host deletes its document.</summary>
public sealed record ConferenceEnded(string MeetingId, ConferenceEndReason Reason) : ConferenceOutput;

/// <summary>A participant reported that its media broke and is invited again. Limited by the participant's restart budget.</summary>
public sealed record RestartGranted(string Nick) : ConferenceOutput;

/// <summary>The focus answered a Jingle request with an error.</summary>
/// <param name="Condition">The defined condition (RFC 6120 section 8.3.3).</param>
public sealed record JingleRefused(string Condition) : ConferenceOutput;

/// <summary>An event that the metrics count.</summary>
public sealed record Counted(ConferenceEvent Event, int Count = 1) : ConferenceOutput;

public enum ConferenceEvent
{
    ParticipantJoined,
    SessionInitiated,
    SessionAccepted,
    InviteFailed,
    RestartRequested,
    IceRestartRequested,
    IceRestartRelayed,
    SourceChangeRejected,
    ParticipantMoved,
    BridgeRemoved,
    NoBridgeAvailable,
    MalformedStanza,

    /// <summary>A request that exceeded its sender's budget.</summary>
    RequestRefused,

    /// <summary>An input that threw.</summary>
    InputFailed,
}

using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Something that happens to a conference.</summary>
public abstract record ConferenceInput;

public sealed record StanzaReceived(StanzaEnvelope Envelope, XmppElement Stanza) : ConferenceInput
{
    /// <summary>Of a conference request: the login that its session id names, or a new one for an authenticated session without any. Of a logout: the login that is over.</summary>
    public SessionTicket? Ticket { get; init; }
}

public sealed record BridgeReplied(long Call, BridgeReply Reply) : ConferenceInput;

/// <summary>The bridges changed: a bridge of this conference may be lost, or one may have come for those who wait.</summary>
public sealed record BridgesChanged : ConferenceInput;

/// <summary>The deadline has come.</summary>
public sealed record Tick : ConferenceInput;

/// <summary>This node took the conference over from another, which may have died between any two steps.</summary>
/// <param name="Outbox">The stanzas of the last step, which may or may not have been sent.</param>
public sealed record TakenOver(IReadOnlyList<StanzaEnvelope> Outbox) : ConferenceInput;

/// <summary>
/// An input threw, which is a bug of ours; nothing of it took effect, and the machine was made anew from what is written. Its sender is
/// answered, and what would throw again and again is put off.
/// </summary>
public sealed record InputFailed(ConferenceInput Input) : ConferenceInput;

/// <summary>The world at the moment of an input.</summary>
/// <param name="Caps">Features by <c>node#ver</c>, each verified against its hash.</param>
public sealed record ConferenceContext(MonotonicTime Now, BridgePoolSnapshot Bridges, IReadOnlyDictionary<string, ParticipantFeatures> Caps);

/// <summary>Something that a conference wants done, in this order, after its state is written.</summary>
public abstract record ConferenceOutput;

public sealed record SendStanza(StanzaEnvelope Envelope) : ConferenceOutput;

/// <summary>Calls for one bridge session are made one after another, in the order in which they come out.</summary>
public sealed record CallBridge(long Call, string BridgeId, string ControlAddress, ModifyConferenceRequest Request) : ConferenceOutput
{
    /// <summary>W3C trace context of the join that the call is made for, or null.</summary>
    public string? Trace { get; init; }

    /// <summary>The participant that the call invites, where its join is traced.</summary>
    public string? Invites { get; init; }
}

/// <summary>The invitation of a participant whose join is traced has come to its end.</summary>
/// <param name="Sent">The session-initiate goes out; else there is none.</param>
public sealed record InviteEnded(string Nick, bool Sent) : ConferenceOutput;

public sealed record CapsLearned(string Caps, ParticipantFeatures Features) : ConferenceOutput;

public sealed record EndpointPlaced(string BridgeId) : ConferenceOutput;

/// <summary>A call did not get to the bridge.</summary>
public sealed record BridgeFailed(string BridgeId, string Instance) : ConferenceOutput;

/// <summary>The bridge did not allocate somebody's endpoint and did not say why. It may be the request's fault: only several conferences together make a bridge suspect.</summary>
public sealed record AllocationFailed(string BridgeId, string Instance) : ConferenceOutput;

public sealed record BridgeLeaving(string BridgeId, string Instance) : ConferenceOutput;

public sealed record ConferenceBegan(string MeetingId) : ConferenceOutput;

/// <summary>Nothing of the conference is left: its document goes.</summary>
public sealed record ConferenceEnded(string MeetingId, ConferenceEndReason Reason) : ConferenceOutput;

/// <summary>A participant said that its media broke and is invited anew. As often as its budget allows.</summary>
public sealed record RestartGranted(string Nick) : ConferenceOutput;

/// <summary>A Jingle request was answered with an error.</summary>
/// <param name="Condition">Its defined condition (RFC 6120 section 8.3.3).</param>
public sealed record JingleRefused(string Condition) : ConferenceOutput;

/// <summary>Something that operators count.</summary>
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

    /// <summary>A request beyond its sender's budget.</summary>
    RequestRefused,

    /// <summary>An input that threw.</summary>
    InputFailed,
}

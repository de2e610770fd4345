using System.Text.Json.Serialization;

namespace JitsiMesh.Contracts.Links;

/// <summary>
/// One stanza on the link between signalling and a service that occupies rooms. The stanza is text; a receiver that needs more than its address
/// parses it. Towards a service the envelope also names the sender; from a service it may name several recipients for one stanza.
/// </summary>
public sealed record StanzaEnvelope
{
    /// <summary>The bare JID of the room that orders this stanza: it selects the partition and the mailbox.</summary>
    public required string Room { get; init; }

    /// <summary>The stanza as stand-alone XML text, in <c>jabber:client</c>.</summary>
    public required string Stanza { get; init; }

    /// <summary>The origin of the sequence number below: a node and its start, so that a restarted node starts a new sequence.</summary>
    public string Sender { get; init; } = "";

    /// <summary>
    /// 1, 2, 3 … for each sender, queue and room (RFC 6120 section 10.1: in order). The link assigns it, and the sender above, where it is 0.
    /// An owner that keeps its numbers in the store assigns them itself, so that the next owner resends under the same numbers.
    /// </summary>
    public long Sequence { get; init; }

    /// <summary>The epoch of the sender's ownership of the partition; a receiver drops stanzas of an older owner. 0 where ownership does not apply.</summary>
    public long Epoch { get; init; }

    /// <summary>
    /// Full JIDs, real or of occupants, that get the stanza, each copy with its own <c>to</c>. Empty: the stanza's own <c>to</c> applies.
    /// </summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>The sender of the stanza, as authenticated by signalling. Null on stanzas of a service.</summary>
    public StanzaOrigin? Origin { get; init; }

    /// <summary>
    /// The queue for replies to the sender: its node's own, or a partition's. Empty on stanzas of focus: answers to
    /// focus go to the focus queue of the partition.
    /// </summary>
    public string ReplyQueue { get; init; } = "";

    /// <summary>On a service's answer to a requester outside the room: the <see cref="ReplyQueue"/> of the request, so that any owner can deliver it.</summary>
    public string AskerQueue { get; init; } = "";

    /// <summary>W3C trace context of the join that the stanza belongs to; null without a traced join.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceParent { get; init; }

    /// <summary>On the presence that completes a traced join: the room's meeting id, so that the joining session's spans can name it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MeetingId { get; init; }

    /// <summary>Between rooms: the stored bare JID of the room that sends, whose journal numbers the envelope. Null on everything else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FromRoom { get; init; }

    /// <summary>The number of the sender's stanza in its own stream (XEP-0198), by which a room knows one that its client has sent again. Null where the session does not survive its node.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SessionNumber { get; init; }

    /// <summary>On the presence with which a session leaves: Kicked or TimedOut if the client did not leave by itself; null otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LeftBecause { get; init; }
}

/// <summary>The sender of a stanza, as signalling has authenticated it.</summary>
public sealed record StanzaOrigin
{
    /// <summary>The full JID of the session.</summary>
    public required string RealJid { get; init; }

    /// <summary>The full JID in the room, or null if the sender is no occupant.</summary>
    public string? OccupantJid { get; init; }

    /// <summary>moderator, participant, visitor, none (XEP-0045 section 5.1).</summary>
    public string Role { get; init; } = "none";

    /// <summary>owner, admin, member, none, outcast (XEP-0045 section 5.2).</summary>
    public string Affiliation { get; init; } = "none";

    /// <summary>The attributes with which the session was admitted.</summary>
    public SessionContext Session { get; init; } = SessionContext.Empty;
}

using System.Text.Json.Serialization;

namespace JitsiMesh.Contracts.Links;

/// <summary>
/// One stanza on the link between signalling and a service that occupies rooms. The stanza is text; whoever needs more than its address
/// parses it. Towards a service it also says who sent it; from a service it may name several recipients for one stanza.
/// </summary>
public sealed record StanzaEnvelope
{
    /// <summary>The bare JID of the room that orders this stanza: it chooses the partition and the mailbox.</summary>
    public required string Room { get; init; }

    /// <summary>The stanza as stand-alone XML text, in <c>jabber:client</c>.</summary>
    public required string Stanza { get; init; }

    /// <summary>Who made the number below: a node and its start, so that a restarted node begins anew.</summary>
    public string Sender { get; init; } = "";

    /// <summary>
    /// 1, 2, 3 … for each sender, queue and room (RFC 6120 section 10.1: in order). The link gives it, and the sender above, where it is 0.
    /// An owner that keeps its numbers in the store gives them itself: the next one sends again under the same ones.
    /// </summary>
    public long Sequence { get; init; }

    /// <summary>The sender's ownership of the partition; a receiver drops what an older owner still sends. 0 where ownership plays no part.</summary>
    public long Epoch { get; init; }

    /// <summary>
    /// Full JIDs, real or of occupants, that get the stanza, each copy with its own <c>to</c>. Empty: the stanza's own <c>to</c> counts.
    /// </summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>Who sent the stanza, as signalling knows it. Null on what a service sends.</summary>
    public StanzaOrigin? Origin { get; init; }

    /// <summary>
    /// The queue that gets what is addressed to the sender: its node's own, or a partition's. Empty on what focus sends: answers to
    /// focus go to the focus queue of the partition.
    /// </summary>
    public string ReplyQueue { get; init; } = "";

    /// <summary>On a service's answer to one outside of the room: the <see cref="ReplyQueue"/> of the request, so that any owner finds the asker.</summary>
    public string AskerQueue { get; init; } = "";

    /// <summary>W3C trace context of the join that the stanza is a part of; null when it is none, or is not traced.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceParent { get; init; }

    /// <summary>On the presence that ends a traced join: the room's meeting, so that the joining session's spans can name it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MeetingId { get; init; }
}

/// <summary>The sender of a stanza, as signalling has authenticated it.</summary>
public sealed record StanzaOrigin
{
    /// <summary>The full JID of the session.</summary>
    public required string RealJid { get; init; }

    /// <summary>The full JID in the room, or null for one who is not in it.</summary>
    public string? OccupantJid { get; init; }

    /// <summary>moderator, participant, visitor, none (XEP-0045 section 5.1).</summary>
    public string Role { get; init; } = "none";

    /// <summary>owner, admin, member, none, outcast (XEP-0045 section 5.2).</summary>
    public string Affiliation { get; init; } = "none";

    /// <summary>With what the session was let in.</summary>
    public SessionContext Session { get; init; } = SessionContext.Empty;
}

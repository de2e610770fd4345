using System.Text;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// One frame for clients, already UTF-8. A stanza that may go to many is kept as what stands before and after the value of its
/// <c>to</c>: all receivers share it.
/// </summary>
public sealed class OutboundFrame
{
    private OutboundFrame(byte[] head, byte[]? tail, bool isStanza, bool hasBody)
    {
        Head = head;
        Tail = tail;
        IsStanza = isStanza;
        HasBody = hasBody;
    }

    public byte[] Head { get; }

    /// <summary>Null where the frame is whole.</summary>
    public byte[]? Tail { get; }

    /// <summary>Whether stream management counts it: iq, presence, message.</summary>
    public bool IsStanza { get; }

    /// <summary>A message that people read. When it comes late it is stamped (XEP-0203).</summary>
    public bool HasBody { get; }

    /// <summary>An IQ that wants an answer.</summary>
    public bool IsRequest { get; private init; }

    /// <summary>On a presence that says that its receiver is not in a room (any more): the address there.</summary>
    public string? NotIn { get; private init; }

    /// <summary>Which step of a join it tells of; <see cref="JoinStep.None"/> where nothing is traced.</summary>
    public JoinStep Step { get; private init; }

    /// <summary>On the presence that ends a traced join: the room's meeting.</summary>
    public string? MeetingId { get; private init; }

    /// <summary>A stanza; its <c>to</c> is each receiver's own.</summary>
    public static OutboundFrame Stanza(XmppElement stanza, string? meetingId = null)
    {
        var (head, tail) = XmppSerializer.WriteSplit(stanza);
        return new OutboundFrame(Encoding.UTF8.GetBytes(head), Encoding.UTF8.GetBytes(tail), isStanza: true, stanza.Name == "message" && stanza.Child("body") is not null)
        {
            IsRequest = Stanzas.IsRequest(stanza),
            NotIn = SaysNotIn(stanza) ? stanza["from"] : null,
            Step = JoinTrace.IsOn ? JoinSteps.OfDelivered(stanza) : JoinStep.None,
            MeetingId = meetingId,
        };
    }

    /// <summary>A stream element (features, success, enabled, r, a …): never counted.</summary>
    public static OutboundFrame Element(string xml) => new(Encoding.UTF8.GetBytes(xml), null, isStanza: false, hasBody: false);

    private static bool SaysNotIn(XmppElement stanza) => stanza.Name == "presence" && (stanza["type"] == "error"
        || (stanza["type"] == "unavailable" && stanza.Child("x", Namespaces.MucUser)?.Children("status", Namespaces.MucUser).Any(status => status["code"] == "110") == true));

    public int Length(ReadOnlySpan<byte> to) => Tail is null ? Head.Length : Head.Length + to.Length + Tail.Length;

    /// <param name="to">The receiver's full JID, UTF-8 and escaped for an attribute.</param>
    /// <param name="destination">At least <see cref="Length"/> octets.</param>
    public int Write(ReadOnlySpan<byte> to, Span<byte> destination)
    {
        Head.CopyTo(destination);
        if (Tail is null) return Head.Length;
        to.CopyTo(destination[Head.Length..]);
        Tail.CopyTo(destination[(Head.Length + to.Length)..]);
        return Length(to);
    }

    public string ToText(string escapedTo) => Tail is null ? Encoding.UTF8.GetString(Head) : Encoding.UTF8.GetString(Head) + escapedTo + Encoding.UTF8.GetString(Tail);

    /// <summary>The same message with a delay stamp as its last child.</summary>
    public OutboundFrame WithDelay(DateTimeOffset stamp, string from)
    {
        if (Tail is null || !HasBody) return this;
        var end = Encoding.UTF8.GetByteCount("</message>");
        var delay = new XmppElement("delay", Namespaces.Delay, ("from", from), ("stamp", XmppTime.Format(stamp)));
        return new OutboundFrame(Head, [.. Tail.AsSpan(..^end), .. Encoding.UTF8.GetBytes(XmppSerializer.Write(delay)), .. Tail.AsSpan(^end..)], IsStanza, HasBody) { IsRequest = IsRequest, NotIn = NotIn };
    }
}

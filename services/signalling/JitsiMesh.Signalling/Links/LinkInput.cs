using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Links;

/// <summary>Reads what comes over the link for a room's owner.</summary>
public static class LinkInput
{
    /// <summary>
    /// The input in an envelope: from a session of another node when it names an origin, else from a service. Null when its stanza or
    /// its addresses cannot be read, which is a bug of the sender.
    /// </summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="domains">The domains.</param>
    /// <param name="focusQueue">Where a service is reached that names no queue: focus, of this partition.</param>
    public static RoomInput? FromEnvelope(StanzaEnvelope envelope, SignallingDomains domains, string focusQueue)
    {
        if (!XmppParser.TryParse(envelope.Stanza, out var stanza, out _)) return null;
        SessionInfo? from;
        if (envelope.FromRoom is { } room)
        {
            from = Jid.TryParse(room, out var address) ? RoomSaying.SenderOf(address) : null;
        }
        else if (envelope.Origin is { } origin)
        {
            from = SessionInfo.FromOrigin(origin, envelope.ReplyQueue, envelope.TraceParent);
        }
        else
        {
            // A service says who it is by its stanza's sender; focus may leave it out. COMPAT: an answer carries the address it was asked at.
            var claimed = Jid.TryParse(stanza["from"], out var jid) && jid.Domain == domains.AuthDomain && jid.Resource is not null ? jid : Jid.Parse(domains.FocusFullJid);
            from = SessionInfo.Of(claimed, envelope.ReplyQueue.Length > 0 ? envelope.ReplyQueue : focusQueue) with { IsService = true };
        }

        return from is null ? null : new RoomInput(envelope.Room, stanza, from, envelope.Recipients)
        {
            Number = envelope.Sequence > 0 ? new LinkNumber(envelope.Sender, envelope.Sequence) : null,
            AskerQueue = envelope.AskerQueue,
            FromRoom = envelope.FromRoom,
            SessionNumber = envelope.Origin is null ? null : envelope.SessionNumber,
            LeftBecause = Enum.TryParse<LeaveReason>(envelope.LeftBecause, out var reason) && Enum.IsDefined(reason) ? reason : LeaveReason.Left,
        };
    }
}

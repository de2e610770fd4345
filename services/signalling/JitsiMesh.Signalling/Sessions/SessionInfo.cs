using System.Text;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>
/// What rooms and modules know of a session: its address, the queue on which it is reached, and with what it was let in. A record without
/// behaviour, so that it can be stored and sent.
/// </summary>
public sealed record SessionInfo
{
    public required Jid Jid { get; init; }

    /// <summary>The full JID as text.</summary>
    public required string FullJid { get; init; }

    /// <summary>The name of the link queue that reaches the session.</summary>
    public required string Queue { get; init; }

    /// <summary>focus, recorder, gateway: came over the link and not from a socket. Has admin rights.</summary>
    public bool IsService { get; init; }

    /// <summary>With what it was let in.</summary>
    public SessionContext Context { get; init; } = SessionContext.Empty;

    /// <summary>W3C trace context of the join that is under way, or null: of what the session does now and of what others do because of it.</summary>
    public string? Trace { get; init; }

    public string BareJid => Jid.Bare.ToString();

    public static SessionInfo Of(Jid jid, string queue) => new() { Jid = jid, FullJid = jid.ToString(), Queue = queue };

    /// <summary>For a service behind the link, which needs no address of people.</summary>
    public StanzaOrigin ToOrigin(string? occupantJid = null, string role = "none", string affiliation = "none") => new()
    {
        RealJid = FullJid,
        OccupantJid = occupantJid,
        Role = role,
        Affiliation = affiliation,
        Session = Context.AddressTag is null ? Context : Context with { AddressTag = null },
    };

    /// <summary>The session behind an envelope that another signalling node sent; null when its address is none.</summary>
    public static SessionInfo? FromOrigin(StanzaOrigin origin, string queue, string? trace) => Jid.TryParse(origin.RealJid, out var jid)
        ? new SessionInfo { Jid = jid, FullJid = jid.ToString(), Queue = queue, Context = origin.Session ?? SessionContext.Empty, Trace = trace }
        : null;

    private bool PrintMembers(StringBuilder builder)
    {
        // Neither token nor names belong into a log line that prints a record.
        builder.Append("Queue = ").Append(Queue).Append(", IsService = ").Append(IsService);
        return true;
    }
}

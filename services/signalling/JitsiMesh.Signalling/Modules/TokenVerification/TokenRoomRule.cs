using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.TokenVerification;

/// <summary>
/// Whether a session's token is good for a room (mod_token_verification): asked for a conference request and at each join, of the lobby too. Sessions without a token that auth let in all
/// the same, services and the accounts of recorders are not its business.
/// </summary>
public sealed class TokenRoomRule(SignallingDomains domains, SignallingOptions options)
{
    /// <summary>Jitsi's text, which clients show.</summary>
    public const string Mismatched = "Room and token mismatched";

    /// <param name="session">Who asks.</param>
    /// <param name="room">The stored address of the room, or of its lobby.</param>
    /// <returns>Null when it may.</returns>
    public StanzaError? Refuse(SessionInfo session, Jid room)
    {
        if (session.IsService || session.Context.Claims is not { } claims || session.Jid.Domain == domains.AuthDomain || session.Jid.Domain == domains.HiddenDomain) return null;
        if (room.Local is not { } local) return Error("invalid-room-address");
        var close = local.StartsWith('[') ? local.IndexOf(']', StringComparison.Ordinal) : -1;
        var (tenant, name) = close > 0 ? (local[1..close], local[(close + 1)..]) : ("", local);
        if (claims.Room is { } claimed && claimed != "*")
        {
            var fits = claims.RoomIsPattern ? RoomPattern.Matches(claimed, name) : Names(claimed, name) || Names(claimed, local);
            if (fits is null) return Error("invalid-regex");
            if (fits == false) return Error("room-name-does-not-match");
        }

        return options.TokenDomainVerification && !IsOfTenant(claims, tenant) ? Error("room-mismatch") : null;
    }

    // sub is the tenant, or the main domain for a room without one; context.tenant, where a token has it, says the tenant too.
    private bool IsOfTenant(Contracts.Links.TokenClaims claims, string tenant)
    {
        if (claims.Subject is not { } subject) return false;
        if (subject != "*" && !Names(subject, tenant.Length > 0 ? tenant : domains.Domain)) return false;
        return string.IsNullOrEmpty(claims.Tenant) || claims.Tenant == "*" || Names(claims.Tenant, tenant.Length > 0 ? tenant : domains.Domain);
    }

    /// <summary>Whether a claim names what stands in an address: as people write it, or encoded as clients do.</summary>
    private static bool Names(string claim, string stored) => string.Equals(claim, stored, StringComparison.OrdinalIgnoreCase) || RoomName.InAddress(claim) == stored;

    private static StanzaError Error(string name) => StanzaError.NotAllowed with { Text = Mismatched, Application = new XmppElement(name, Namespaces.JitMeet) };
}

using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The focus's decision about a client that requests a conference.</summary>
/// <param name="Refusal">Null when the request is accepted.</param>
/// <param name="Identity">The authenticated identity, or null for a guest.</param>
/// <param name="SessionId">Returned in the answer; null for a guest.</param>
/// <param name="Moderator">What the authority says about the moderator role.</param>
public sealed record ConferenceAdmission(StanzaError? Refusal, string? Identity = null, string? SessionId = null, bool? Moderator = null)
{
    internal static readonly StanzaError SessionInvalid = StanzaError.NotAcceptable with { Application = new XmppElement("session-invalid", Namespaces.Focus), Code = "MESH-AUTH-6" };

    /// <summary>
    /// 1. Without a configured authority everyone is a guest. The same applies to breakout rooms, whose occupants come from the main room. 2. A session id must be one that the
    /// focus issued, for the same machine, and, where logins end with their meeting, for this meeting. 3. An authenticated session without an id gets one for its machine. 4.
    /// Only a client with a login may open a conference that does not exist yet, or a client that auth admits to the main domain without one.
    /// </summary>
    /// <param name="iq">A request that satisfies <see cref="ConferenceRequest.Is"/>.</param>
    /// <param name="origin">The sender, as signalling authenticated it.</param>
    /// <param name="exists">The conference already exists.</param>
    /// <param name="options">The policy.</param>
    /// <param name="now">The time.</param>
    /// <param name="ticket">The stored login of the request's session id, or a new one for an authenticated session without an id.</param>
    /// <param name="known">Whether this meeting issued a session id; null while there is no meeting.</param>
    public static ConferenceAdmission Decide(XmppElement iq, StanzaOrigin? origin, bool exists, FocusOptions options, MonotonicTime now, SessionTicket? ticket = null, Func<string, bool>? known = null)
    {
        if (!ConferenceRequest.TryParse(iq, out var request)) return new ConferenceAdmission(StanzaError.BadRequest);
        if (!options.AuthenticationRequired || IsBreakout(request.Room, options)) return new ConferenceAdmission(Refusal: null);
        var conference = iq.Child("conference", Namespaces.Focus)!;
        var machine = conference["machine-uid"];
        if (conference["session-id"] is { Length: > 0 } sessionId)
        {
            if (ticket is null || ticket.Id != sessionId || !ticket.HoldsAt(now) || (!options.AutoLogin && known?.Invoke(sessionId) != true)) return new ConferenceAdmission(SessionInvalid);
            return ticket.IsOf(machine) ? new ConferenceAdmission(Refusal: null, ticket.Identity, sessionId, ticket.Moderator) : new ConferenceAdmission(StanzaError.NotAcceptable);
        }

        if (origin?.Session.Identity is { } identity && IsOnMainDomain(origin, options))
        {
            // Clients with tokens send their token each time: a session id would also be valid for other rooms.
            if (options.ExternalAuthentication || origin.Session.Claims is not null) return new ConferenceAdmission(Refusal: null, identity, Moderator: origin.Session.Moderator);
            return string.IsNullOrEmpty(machine) || ticket is null ? new ConferenceAdmission(StanzaError.NotAcceptable) : new ConferenceAdmission(Refusal: null, identity, ticket.Id, ticket.Moderator);
        }

        return new ConferenceAdmission(exists || MayOpen(origin, options) ? null : StanzaError.NotAuthorized);
    }

    private static bool IsBreakout(string room, FocusOptions options) => room.EndsWith($"@breakout.{options.XmppDomain}", StringComparison.Ordinal) && options.MucDomain != $"breakout.{options.XmppDomain}";

    // With tokens, JWT_ALLOW_EMPTY admits clients without a token to the main domain: they wait for no host, unless mod_muc_wait_for_host is enabled.
    private static bool MayOpen(StanzaOrigin? origin, FocusOptions options) =>
        options.WaitForHostInLobby || (options is { ExternalAuthentication: true, WaitForHost: false } && IsOnMainDomain(origin, options));

    // An account of a recorder or gateway cannot open a room.
    private static bool IsOnMainDomain(StanzaOrigin? origin, FocusOptions options) => Jid.TryParse(origin?.RealJid, out var jid) && jid.Domain == options.XmppDomain;
}

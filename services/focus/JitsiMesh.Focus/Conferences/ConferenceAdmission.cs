using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>What the focus makes of the one who asks for a conference.</summary>
/// <param name="Refusal">Null when the request may proceed.</param>
/// <param name="Identity">The authenticated identity, or null for a guest.</param>
/// <param name="SessionId">Goes back with the answer; null for a guest.</param>
/// <param name="Moderator">What the authority said of moderating.</param>
public sealed record ConferenceAdmission(StanzaError? Refusal, string? Identity = null, string? SessionId = null, bool? Moderator = null)
{
    internal static readonly StanzaError SessionInvalid = StanzaError.NotAcceptable with { Application = new XmppElement("session-invalid", Namespaces.Focus), Code = "MESH-AUTH-6" };

    /// <summary>
    /// 1. Where no authority is configured everybody is a guest, as in breakout rooms, whose people come from the main room. 2. A session id must be ours and of the same machine; where logins end with their meeting, of this meeting too.
    /// 3. Without one, an authenticated session gets one for its machine. 4. A conference that does not exist yet is opened by a person with a login only, or by one whom auth lets
    /// into the main domain without.
    /// </summary>
    /// <param name="iq">A request that <see cref="ConferenceRequest.Is"/>.</param>
    /// <param name="origin">Who asks, as signalling knows it.</param>
    /// <param name="exists">The conference is there already.</param>
    /// <param name="options">The policy.</param>
    /// <param name="now">The time.</param>
    /// <param name="ticket">What the store has of the request's session id, or a new one for an authenticated session without any.</param>
    /// <param name="known">Whether this meeting gave a session id out; null while there is no meeting.</param>
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
            // People with tokens bring their token each time: a session id would be good for other rooms too.
            if (options.ExternalAuthentication || origin.Session.Claims is not null) return new ConferenceAdmission(Refusal: null, identity, Moderator: origin.Session.Moderator);
            return string.IsNullOrEmpty(machine) || ticket is null ? new ConferenceAdmission(StanzaError.NotAcceptable) : new ConferenceAdmission(Refusal: null, identity, ticket.Id, ticket.Moderator);
        }

        return new ConferenceAdmission(exists || MayOpen(origin, options) ? null : StanzaError.NotAuthorized);
    }

    private static bool IsBreakout(string room, FocusOptions options) => room.EndsWith($"@breakout.{options.XmppDomain}", StringComparison.Ordinal) && options.MucDomain != $"breakout.{options.XmppDomain}";

    // With tokens, JWT_ALLOW_EMPTY lets people without one into the main domain: they wait for nobody, unless mod_muc_wait_for_host is asked for.
    private static bool MayOpen(StanzaOrigin? origin, FocusOptions options) =>
        options.WaitForHostInLobby || (options is { ExternalAuthentication: true, WaitForHost: false } && IsOnMainDomain(origin, options));

    // An account of a recorder or gateway opens no room.
    private static bool IsOnMainDomain(StanzaOrigin? origin, FocusOptions options) => Jid.TryParse(origin?.RealJid, out var jid) && jid.Domain == options.XmppDomain;
}

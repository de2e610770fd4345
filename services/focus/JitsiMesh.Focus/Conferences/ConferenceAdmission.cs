using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>What the focus makes of the one who asks for a conference.</summary>
/// <param name="Refusal">Null when the request may go on.</param>
/// <param name="Identity">Whom an authority vouches for, or null for a guest.</param>
/// <param name="SessionId">Goes back with the answer; null for a guest.</param>
public sealed record ConferenceAdmission(StanzaError? Refusal, string? Identity = null, string? SessionId = null)
{
    private static readonly StanzaError SessionInvalid = StanzaError.NotAcceptable with { Application = new XmppElement("session-invalid", Namespaces.Focus) };

    /// <summary>
    /// 1. Where no authority is configured everybody is a guest. 2. A session id must be ours and of the same machine. 3. Without one, an
    /// authenticated session gets one for its machine. 4. A conference that does not exist yet is opened by an authenticated person only;
    /// breakout rooms are made by those who are in the main room already.
    /// </summary>
    /// <param name="iq">A request that <see cref="ConferenceRequest.Is"/>.</param>
    /// <param name="exists">The conference is there already.</param>
    public static ConferenceAdmission Decide(XmppElement iq, StanzaOrigin? origin, bool exists, FocusOptions options, MonotonicTime now)
    {
        if (!ConferenceRequest.TryParse(iq, out var request)) return new ConferenceAdmission(StanzaError.BadRequest);
        if (!options.AuthenticationRequired) return new ConferenceAdmission(Refusal: null);
        var conference = iq.Child("conference", Namespaces.Focus)!;
        var machine = conference["machine-uid"];
        if (conference["session-id"] is { Length: > 0 } sessionId)
        {
            return options.Tickets.Check(sessionId, machine, now, out var identity) switch
            {
                TicketCheck.Valid => new ConferenceAdmission(Refusal: null, identity, sessionId),
                TicketCheck.OtherMachine => new ConferenceAdmission(StanzaError.NotAcceptable),
                _ => new ConferenceAdmission(SessionInvalid),
            };
        }

        if (origin?.Session.Identity is { } known)
        {
            // People with tokens bring their token each time.
            if (options.ExternalAuthentication) return new ConferenceAdmission(Refusal: null, known);
            return string.IsNullOrEmpty(machine) ? new ConferenceAdmission(StanzaError.NotAcceptable) : new ConferenceAdmission(Refusal: null, known, options.Tickets.Issue(known, machine, now));
        }

        var breakout = request.Room[(request.Room.IndexOf('@', StringComparison.Ordinal) + 1)..].StartsWith("breakout.", StringComparison.Ordinal);
        return new ConferenceAdmission(exists || breakout ? null : StanzaError.NotAuthorized);
    }
}

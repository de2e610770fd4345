using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>What the logins of sessions are worth in the room, as its modules say.</summary>
public sealed partial class Room
{
    /// <summary>What a module has against the session's login; null for one that may be here.</summary>
    internal StanzaError? Admits(SessionInfo session)
    {
        foreach (var module in _modules)
        {
            if (module.Admits(session) is { } refused) return refused;
        }

        return null;
    }

    private string? EntitledTo(SessionInfo session)
    {
        if (AffiliationOf(session) == Affiliations.Outcast) return null;
        foreach (var module in _modules)
        {
            if (module.Entitles(session) is { } affiliation) return affiliation;
        }

        return null;
    }

    /// <summary>Gives a joiner the affiliation that its login or the way in gives it, never a lower one than it has. False when there are too many.</summary>
    private bool TryAffiliate(SessionInfo session, RoomOutputs outputs)
    {
        if (IsLobby) return true;
        var own = AffiliationOf(session);
        var entitled = EntitledTo(session);
        var wanted = (own, entitled) switch
        {
            (Affiliations.None or Affiliations.Member, Affiliations.Owner) => Affiliations.Owner,
            (Affiliations.None, Affiliations.Member) => Affiliations.Member,
            // The password lets in past the lobby, and for good.
            (Affiliations.None, _) when Configuration.MembersOnly && !IsHidden(session) => Affiliations.Member,
            _ => own,
        };
        foreach (var module in _modules) wanted = module.Grants(session) ?? wanted;
        if (wanted == own) return true;
        if (!TrySetAffiliation(session.BareJid, wanted)) return false;
        MarkAffiliations(outputs);
        return true;
    }

    /// <summary>The session of an occupant as it comes now: resumed with a newer login it counts with that, unless the login is for another room.</summary>
    private SessionInfo Renewed(Occupant occupant, SessionInfo session)
    {
        var before = occupant.Session.Context;
        return Equals(before.Claims, session.Context.Claims) || Admits(session) is null ? session : session with { Context = before };
    }
}

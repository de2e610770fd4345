using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Modules.Roles;

/// <summary>
/// What a session's login makes of it in a room (mod_token_affiliation, mod_muc_wait_for_host): owner or member from its first presence on. The first in the room, and guests that log in
/// over a second connection, are focus' to find.
/// </summary>
public sealed class RolesModule(Room room) : RoomModule(room)
{
    public override string Name => "roles";

    public override string? Grants(SessionInfo session) => Room.Context.Options.Moderators is ModeratorPolicy.All && !Room.IsAdmin(session) && !Room.IsHidden(session) ? Affiliations.Owner : null;

    public override string? Entitles(SessionInfo session)
    {
        // The accounts of services and recorders are logins too, and moderate nothing.
        if (session.IsService || session.Jid.Domain != Room.Context.Domains.Domain) return null;
        var policy = Room.Context.Options.Moderators;
        return (policy, session.Context.Moderator) switch
        {
            (ModeratorPolicy.Nobody, _) => null,
            (_, true) => Affiliations.Owner,
            (_, false) => Affiliations.Member,
            (ModeratorPolicy.Host, null) when session.Context.Identity is not null => Affiliations.Owner,
            _ => null,
        };
    }
}

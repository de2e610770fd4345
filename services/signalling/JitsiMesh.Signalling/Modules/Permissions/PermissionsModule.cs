using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Permissions;

/// <summary>Tells a moderator who came without token features what it may do, in its own presence (mod_jitsi_permissions). The client enables its menus by it.</summary>
public sealed class PermissionsModule(Room room) : RoomModule(room)
{
    public override string Name => "permissions";

    public override void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs) =>
        presence.RemoveChildren(child => child.Name == "permissions" && child.Namespace == Namespaces.JitMeet);

    public override void SelfPresence(Occupant occupant, XmppElement presence)
    {
        if (!occupant.IsModerator || occupant.Session.Context.Features is not null || occupant.Session.IsService) return;
        var permissions = new XmppElement("permissions", Namespaces.JitMeet);
        foreach (var name in Permission.Defaults)
        {
            var value = occupant.GrantedFeatures is { } granted ? Permission.IsTrue(granted, name) : true;
            permissions.Add(new XmppElement("p", Namespaces.JitMeet, ("name", name), ("val", value ? "true" : "false")));
        }

        presence.Add(permissions);
    }
}

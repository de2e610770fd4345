using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Region;

/// <summary>Adds the region that the edge found to the presence of a client that names none (mod_muc_meeting_id): focus chooses the bridge by it.</summary>
public sealed class RegionModule(Room room) : RoomModule(room)
{
    private const string Element = "jitsi_participant_region";

    public override string Name => "region";

    public override void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
        if (occupant.Session.Context.Region is { } region && presence.Child(Element) is null) presence.Add(new XmppElement(Element, Namespaces.Client).AddText(region));
    }
}

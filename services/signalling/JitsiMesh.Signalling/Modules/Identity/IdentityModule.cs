using JitsiMesh.Signalling.Modules.Permissions;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Identity;

/// <summary>
/// Writes who an authority says the occupant is (mod_presence_identity). What a client claims of itself is taken out: other clients
/// trust the element.
/// </summary>
public sealed class IdentityModule(Room room) : RoomModule(room)
{
    public override string Name => "identity";

    public override void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
        presence.RemoveChildren(child => child.Name == "identity");
        if (occupant.Session.Context.UserContext is not { } context || JsonText.TryObject(context) is not { } claims) return;
        var user = new XmppElement("user", Namespaces.Client);
        foreach (var (name, claim) in claims.Members)
        {
            if (claim.Scalar is { } value && IsName(name)) user.Add(new XmppElement(name, Namespaces.Client).AddText(value));
        }

        presence.Add(new XmppElement("identity", Namespaces.Client).Add(user));
        if (occupant.Session.Context.Features is { } features && Permission.IsTrue(features, "name-readonly") && user.Child("name")?.Text is { Length: > 0 } own)
        {
            presence.RemoveChildren(child => child.Name == "nick" && child.Namespace == Namespaces.Nick);
            presence.Add(new XmppElement("nick", Namespaces.Nick).AddText(own));
        }
    }

    /// <summary>A claim's name becomes an element's name, so it must be one.</summary>
    private static bool IsName(string name)
    {
        if (name.Length is 0 or > 64 || !(char.IsAsciiLetter(name[0]) || name[0] == '_')) return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) return false;
        }

        return true;
    }
}

using JitsiMesh.Signalling.Modules.Permissions;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.Identity;

/// <summary>
/// Writes who an authority says the occupant is (mod_presence_identity), in the lobby too. What a client claims of itself is taken out: other clients trust the element. With the feature
/// <c>name-readonly</c> the name is the authority's; the one that the client sends is ignored.
/// </summary>
public sealed class IdentityModule(Room room) : RoomModule(room)
{
    /// <summary>Elements of a presence in which clients find a picture or an address of their own choice.</summary>
    private static readonly (string Element, string Claim)[] Own = [("avatar-url", "avatar"), ("avatar-id", "avatar"), ("email", "email"), ("userId", "id")];

    public override string Name => "identity";

    public override void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
        presence.RemoveChildren(child => child.Name == "identity");
        var context = occupant.Session.Context;
        var claims = context.UserContext is { } text ? JsonText.TryObject(text) : null;
        if (claims is null && context.Group is null) return;
        var user = new XmppElement("user", Namespaces.Client);
        foreach (var (name, claim) in claims?.Members ?? [])
        {
            if (claim.Scalar is { } value && IsName(name)) user.Add(new XmppElement(name, Namespaces.Client).AddText(value));
        }

        var identity = new XmppElement("identity", Namespaces.Client).Add(user);
        if (context.Group is { } group) identity.Add(new XmppElement("group", Namespaces.Client).AddText(group));
        presence.Add(identity);
        foreach (var (element, claim) in Own)
        {
            if (user.Child(claim)?.Text is { Length: > 0 }) presence.RemoveChildren(child => child.Name == element);
        }

        if (context.Features is { } features && Permission.IsTrue(features, "name-readonly") && user.Child("name")?.Text is { Length: > 0 } own)
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

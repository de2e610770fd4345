using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The focus's service discovery answers (XEP-0030).</summary>
internal static class FocusDisco
{
    public static XmppElement Create() => new XmppElement("query", Namespaces.DiscoInfo).Add(
        new XmppElement("identity", Namespaces.DiscoInfo, ("category", "component"), ("type", "conference-focus"), ("name", "JitsiMesh focus")),
        Feature(Namespaces.DiscoInfo),
        Feature(Jingle.JingleNamespaces.Jingle),
        Feature("https://jitsi.org/meet/jicofo/terminate-restart"));

    private static XmppElement Feature(string name) => new("feature", Namespaces.DiscoInfo, ("var", name));
}

using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>About how long an element is as XML, without writing it: for bounds, where a few octets more or less do not matter.</summary>
public static class StanzaSize
{
    /// <summary>Counts characters; what must be escaped counts as one.</summary>
    public static int Of(XmppElement element) => Of(element, parentNamespace: "");

    private static int Of(XmppElement element, string parentNamespace)
    {
        var size = (2 * element.Name.Length) + 5;
        if (element.Namespace != parentNamespace) size += element.Namespace.Length + 9;
        foreach (var attribute in element.Attributes) size += attribute.Name.Length + attribute.Value.Length + 4;
        foreach (var node in element.Nodes) size += node is XmppElement child ? Of(child, element.Namespace) : ((string)node).Length;
        return size;
    }
}

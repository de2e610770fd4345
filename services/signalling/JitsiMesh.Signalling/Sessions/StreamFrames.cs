using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>Stream elements that are always the same.</summary>
public static class StreamFrames
{
    public static readonly OutboundFrame AckRequest = OutboundFrame.Element($"<r xmlns=\"{Namespaces.StreamManagement}\"/>");

    /// <summary>The end of a stream. A transport that ends it in another way writes <see cref="ClientTransport.Close"/> in its place.</summary>
    public static readonly OutboundFrame Close = OutboundFrame.Element(XmppFraming.Close);

    private static readonly OutboundFrame EmptySuccess = OutboundFrame.Element($"<success xmlns=\"{Namespaces.Sasl}\"/>");

    /// <summary>Mechanisms in the order of preference (RFC 6120 section 6.3.3).</summary>
    public static OutboundFrame SaslFeatures(IReadOnlyList<string> mechanisms)
    {
        var list = new XmppElement("mechanisms", Namespaces.Sasl);
        foreach (var mechanism in mechanisms) list.Add(new XmppElement("mechanism", Namespaces.Sasl).AddText(mechanism));
        return OutboundFrame.Element(XmppSerializer.Write(new XmppElement("features", Namespaces.Streams).Add(list)));
    }

    /// <summary>
    /// COMPAT(lib-jitsi-meet): the text is cut out with a regular expression that wants the condition self-closed, directly followed by a
    /// <c>text</c> without attributes.
    /// </summary>
    /// <param name="data">Additional data with success (RFC 6120 section 6.4.6); empty for none.</param>
    public static OutboundFrame Success(ReadOnlySpan<byte> data) => data.IsEmpty
        ? EmptySuccess
        : OutboundFrame.Element($"<success xmlns=\"{Namespaces.Sasl}\">{Convert.ToBase64String(data)}</success>");

    /// <summary>RFC 6120 section 6.4.3; an empty message is an equals sign there, in the server's challenge as in the client's answer.</summary>
    public static OutboundFrame Challenge(ReadOnlySpan<byte> message) =>
        OutboundFrame.Element($"<challenge xmlns=\"{Namespaces.Sasl}\">{(message.IsEmpty ? "=" : Convert.ToBase64String(message))}</challenge>");

    public static OutboundFrame SaslFailure(string condition, string text)
    {
        var failure = new XmppElement("failure", Namespaces.Sasl).Add(new XmppElement(condition, Namespaces.Sasl));
        if (text.Length > 0) failure.Add(new XmppElement("text", Namespaces.Sasl).AddText(text));
        return OutboundFrame.Element(XmppSerializer.Write(failure));
    }

    public static OutboundFrame ManagementFailed(string condition) =>
        OutboundFrame.Element($"<failed xmlns=\"{Namespaces.StreamManagement}\"><{condition} xmlns=\"{Namespaces.StanzaErrors}\"/></failed>");
}

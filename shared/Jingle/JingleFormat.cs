using System.Globalization;
using JitsiMesh.Xmpp;
using static JitsiMesh.Jingle.JingleNamespaces;

namespace JitsiMesh.Jingle;

/// <summary>Writes Jingle messages with their children in the order that clients expect.</summary>
public static class JingleFormat
{
    public static XmppElement Format(JingleMessage message)
    {
        var jingle = new XmppElement("jingle", JingleNamespaces.Jingle,
            ("action", JingleActions.Name(message.Action)), ("initiator", message.Initiator), ("responder", message.Responder), ("sid", message.Sid));
        foreach (var content in message.Contents) jingle.Add(Content(content));
        if (message.Group is { } group)
        {
            var element = new XmppElement("group", Grouping, ("semantics", group.Semantics));
            foreach (var name in group.Contents) element.Add(new XmppElement("content", Grouping, ("name", name)));
            jingle.Add(element);
        }

        if (message.Reason is { } reason)
        {
            var element = new XmppElement("reason", JingleNamespaces.Jingle).Add(new XmppElement(reason.Condition, JingleNamespaces.Jingle));
            if (reason.Text is not null) element.Add(new XmppElement("text", JingleNamespaces.Jingle).AddText(reason.Text));
            jingle.Add(element);
        }

        if (message.StartMuted is { } muted) jingle.Add(new XmppElement("startmuted", JingleNamespaces.StartMuted, ("audio", Bool(muted.Audio)), ("video", Bool(muted.Video))));
        if (message.IceState is not null) jingle.Add(new XmppElement("ice-state", Namespaces.Focus).AddText(message.IceState));
        if (message.BridgeSession is { } session)
        {
            jingle.Add(new XmppElement("bridge-session", Namespaces.Focus, ("id", session.Id), ("region", session.Region),
                ("restart", session.Restart ? "true" : null), ("ice-restart", session.IceRestart ? "true" : null)));
        }

        if (message.CompactSources is { } sources) jingle.Add(new XmppElement("json-message", Namespaces.JitMeet).AddText(CompactSources.Format(sources)));
        return jingle;
    }

    public static XmppElement Content(JingleContent content)
    {
        var element = new XmppElement("content", JingleNamespaces.Jingle, ("creator", content.Creator), ("name", content.Name), ("senders", content.Senders));
        if (content.InitialLastN is { } lastN) element.Add(new XmppElement("initial-last-n", Namespaces.Colibri2, ("value", Number(lastN))));
        return element.Add(content.Description is { } description ? Description(description) : null, content.Transport is { } transport ? Transport(transport) : null);
    }

    public static XmppElement Description(RtpDescription description)
    {
        var element = new XmppElement("description", Rtp, ("media", description.Media), ("maxptime", description.MaxPtime));
        foreach (var type in description.PayloadTypes) element.Add(PayloadTypeElement(type));
        foreach (var extension in description.HeaderExtensions) element.Add(new XmppElement("rtp-hdrext", HeaderExtensions, ("id", Number(extension.Id)), ("uri", extension.Uri)));
        if (description.ExtmapAllowMixed) element.Add(new XmppElement("extmap-allow-mixed", HeaderExtensions));
        if (description.RtcpMux) element.Add(new XmppElement("rtcp-mux", Rtp));
        foreach (var source in description.Sources) element.Add(SourceElement(source));
        foreach (var group in description.Groups) element.Add(GroupElement(group));
        return element;
    }

    public static XmppElement Transport(IceUdpTransport transport)
    {
        var element = new XmppElement("transport", IceUdp, ("ufrag", transport.Ufrag), ("pwd", transport.Password),
            ("ice-generation", transport.IceGeneration is { } generation ? Number(generation) : null));
        if (transport.RtcpMux) element.Add(new XmppElement("rtcp-mux", IceUdp));
        foreach (var fingerprint in transport.Fingerprints)
        {
            element.Add(new XmppElement("fingerprint", Dtls, ("hash", fingerprint.Hash), ("setup", fingerprint.Setup), ("required", "false"),
                ("cryptex", fingerprint.Cryptex ? "true" : null)).AddText(fingerprint.Value));
        }

        foreach (var url in transport.WebSockets) element.Add(new XmppElement("web-socket", Namespaces.Colibri, ("url", url)));
        foreach (var candidate in transport.Candidates) element.Add(CandidateElement(candidate));
        if (transport.SctpMap is { } map)
        {
            element.Add(new XmppElement("sctpmap", DtlsSctp, ("number", Number(map.Number)), ("protocol", map.Protocol), ("streams", Number(map.Streams))));
        }

        return element;
    }

    private static XmppElement PayloadTypeElement(PayloadType type)
    {
        var element = new XmppElement("payload-type", Rtp, ("id", Number(type.Id)), ("name", type.Name), ("clockrate", Number(type.ClockRate)),
            ("channels", type.Channels == 1 ? null : Number(type.Channels)));
        foreach (var parameter in type.Parameters) element.Add(new XmppElement("parameter", Rtp, ("name", parameter.Name), ("value", parameter.Value)));
        foreach (var feedback in type.Feedback) element.Add(new XmppElement("rtcp-fb", JingleNamespaces.RtcpFeedback, ("type", feedback.Type), ("subtype", feedback.Subtype)));
        return element;
    }

    private static XmppElement SourceElement(OwnedSource owned)
    {
        var source = owned.Source;
        var element = new XmppElement("source", JingleNamespaces.Sources, ("ssrc", source.Ssrc.ToString(CultureInfo.InvariantCulture)), ("name", source.Name),
            ("videoType", source.Kind == MediaKind.Video ? VideoTypeName(source.VideoType) : null));
        if (owned.Owner is not null) element.Add(new XmppElement("ssrc-info", Namespaces.JitMeet, ("owner", owned.Owner)));
        if (source.Msid is not null) element.Add(new XmppElement("parameter", Rtp, ("name", "msid"), ("value", source.Msid)));
        return element;
    }

    private static XmppElement GroupElement(SsrcGroup group)
    {
        var element = new XmppElement("ssrc-group", JingleNamespaces.Sources, ("semantics", group.Semantics == GroupSemantics.Fid ? "FID" : "SIM"));
        foreach (var ssrc in group.Ssrcs) element.Add(new XmppElement("source", JingleNamespaces.Sources, ("ssrc", ssrc.ToString(CultureInfo.InvariantCulture))));
        return element;
    }

    private static XmppElement CandidateElement(IceCandidate candidate) => new("candidate", IceUdp,
        ("component", Number(candidate.Component)), ("foundation", candidate.Foundation), ("generation", Number(candidate.Generation)), ("id", candidate.Id),
        ("ip", candidate.Address), ("network", Number(candidate.Network)), ("port", Number(candidate.Port)),
        ("priority", candidate.Priority.ToString(CultureInfo.InvariantCulture)), ("protocol", candidate.Protocol), ("type", candidate.Type),
        ("rel-addr", candidate.RelatedAddress), ("rel-port", candidate.RelatedPort is { } port ? Number(port) : null), ("tcptype", candidate.TcpType));

    internal static string VideoTypeName(VideoType type) => type == VideoType.Desktop ? "desktop" : "camera";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Bool(bool value) => value ? "true" : "false";
}

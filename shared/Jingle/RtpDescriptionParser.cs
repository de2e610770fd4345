using System.Globalization;
using JitsiMesh.Xmpp;
using static JitsiMesh.Jingle.JingleNamespaces;

namespace JitsiMesh.Jingle;

/// <summary>Reads the description of a content. Sources may also stand beside it, as children of the content itself.</summary>
internal static class RtpDescriptionParser
{
    public static JingleParseError Read(XmppElement content, string contentName, out RtpDescription? description)
    {
        description = null;
        var element = content.Child("description", Rtp);
        var sources = new List<OwnedSource>();
        var groups = new List<SsrcGroup>();
        var media = element?["media"] ?? contentName;
        foreach (var parent in element is null ? [content] : new[] { content, element })
        {
            var error = ReadSources(parent, media, sources, groups);
            if (error != JingleParseError.None) return error;
        }

        if (element is null)
        {
            if (sources.Count + groups.Count > 0) description = new RtpDescription { Media = media, Sources = sources, Groups = groups };
            return JingleParseError.None;
        }

        var types = new List<PayloadType>();
        foreach (var child in element.Children("payload-type", Rtp))
        {
            if (types.Count == JingleLimits.PayloadTypes) return JingleParseError.TooMany;
            var error = ReadPayloadType(child, types);
            if (error != JingleParseError.None) return error;
        }

        var extensions = new List<HeaderExtension>();
        foreach (var child in element.Children("rtp-hdrext", HeaderExtensions))
        {
            if (extensions.Count == JingleLimits.HeaderExtensions) return JingleParseError.TooMany;
            if (!JingleParser.TryInt(child["id"], 1, 255, out var id) || child["uri"] is not { Length: > 0 and <= JingleLimits.TextLength } uri) return JingleParseError.BadHeaderExtension;
            extensions.Add(new HeaderExtension(id, uri));
        }

        description = new RtpDescription
        {
            Media = media,
            MaxPtime = element["maxptime"],
            PayloadTypes = types,
            HeaderExtensions = extensions,
            ExtmapAllowMixed = element.Child("extmap-allow-mixed", HeaderExtensions) is not null,
            RtcpMux = element.Child("rtcp-mux", Rtp) is not null,
            Sources = sources,
            Groups = groups,
        };
        return JingleParseError.None;
    }

    private static JingleParseError ReadPayloadType(XmppElement element, List<PayloadType> types)
    {
        if (!JingleParser.TryInt(element["id"], 0, 127, out var id)
            || !JingleParser.TryOptionalInt(element["clockrate"], 0, 0, int.MaxValue, out var clockRate)
            || !JingleParser.TryOptionalInt(element["channels"], 1, 1, 255, out var channels)) return JingleParseError.BadPayloadType;
        var parameters = new List<PayloadTypeParameter>();
        foreach (var child in element.Children("parameter", Rtp))
        {
            if (parameters.Count == JingleLimits.PayloadTypeDetails) return JingleParseError.TooMany;
            if (child["value"] is not { Length: <= JingleLimits.TextLength } value) return JingleParseError.BadPayloadType;
            parameters.Add(new PayloadTypeParameter(child["name"], value));
        }

        var feedback = new List<RtcpFeedback>();
        foreach (var child in element.Children("rtcp-fb", JingleNamespaces.RtcpFeedback))
        {
            if (feedback.Count == JingleLimits.PayloadTypeDetails) return JingleParseError.TooMany;
            if (child["type"] is not { Length: > 0 and <= JingleLimits.TextLength } type) return JingleParseError.BadFeedback;
            feedback.Add(new RtcpFeedback(type, child["subtype"]));
        }

        types.Add(new PayloadType { Id = id, Name = element["name"] ?? "", ClockRate = clockRate, Channels = channels, Parameters = parameters, Feedback = feedback });
        return JingleParseError.None;
    }

    private static JingleParseError ReadSources(XmppElement parent, string media, List<OwnedSource> sources, List<SsrcGroup> groups)
    {
        foreach (var element in parent.Elements)
        {
            if (element.Namespace != Sources) continue;
            if (element.Name is not ("source" or "ssrc-group")) continue;
            MediaKind kind;
            if (media == "audio") kind = MediaKind.Audio;
            else if (media == "video") kind = MediaKind.Video;
            else return JingleParseError.BadMedia;
            if (sources.Count >= JingleLimits.Sources || groups.Count >= JingleLimits.Groups) return JingleParseError.TooMany;
            var error = element.Name == "source" ? ReadSource(element, kind, sources) : ReadGroup(element, kind, groups);
            if (error != JingleParseError.None) return error;
        }

        return JingleParseError.None;
    }

    private static JingleParseError ReadSource(XmppElement element, MediaKind kind, List<OwnedSource> sources)
    {
        if (!TrySsrc(element, out var ssrc)) return JingleParseError.BadSsrc;
        var videoType = VideoType.Camera;
        if (element["videoType"] is { } typeText)
        {
            if (typeText.Equals("desktop", StringComparison.OrdinalIgnoreCase)) videoType = VideoType.Desktop;
            else if (!typeText.Equals("camera", StringComparison.OrdinalIgnoreCase)) return JingleParseError.BadVideoType;
        }

        var msid = element.Children("parameter").FirstOrDefault(parameter => parameter["name"] == "msid")?["value"];
        if (msid?.Length > JingleLimits.TextLength || element["name"]?.Length > JingleLimits.TextLength) return JingleParseError.TooLong;
        sources.Add(new OwnedSource(
            element.Child("ssrc-info", Namespaces.JitMeet)?["owner"],
            new Source(ssrc, kind, Blank(element["name"]), Blank(msid), kind == MediaKind.Video ? videoType : VideoType.Camera)));
        return JingleParseError.None;
    }

    private static JingleParseError ReadGroup(XmppElement element, MediaKind kind, List<SsrcGroup> groups)
    {
        GroupSemantics semantics;
        if ("FID".Equals(element["semantics"], StringComparison.OrdinalIgnoreCase)) semantics = GroupSemantics.Fid;
        else if ("SIM".Equals(element["semantics"], StringComparison.OrdinalIgnoreCase)) semantics = GroupSemantics.Sim;
        else return JingleParseError.BadGroup;
        var ssrcs = new List<uint>();
        foreach (var child in element.Children("source", Sources))
        {
            if (ssrcs.Count == JingleLimits.GroupSize) return JingleParseError.TooMany;
            if (!TrySsrc(child, out var ssrc)) return JingleParseError.BadSsrc;
            ssrcs.Add(ssrc);
        }

        groups.Add(new SsrcGroup(semantics, kind, ssrcs));
        return JingleParseError.None;
    }

    private static bool TrySsrc(XmppElement element, out uint ssrc) =>
        uint.TryParse(element["ssrc"], NumberStyles.None, CultureInfo.InvariantCulture, out ssrc) && ssrc != 0;

    private static string? Blank(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

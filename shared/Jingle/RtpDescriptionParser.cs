using System.Globalization;
using JitsiMesh.Xmpp;
using static JitsiMesh.Jingle.JingleNamespaces;

namespace JitsiMesh.Jingle;

/// <summary>
/// Parses the description of a content. Sources may also be direct children of the content. An invalid source refuses the message;
/// invalid payload types and extensions are skipped.
/// </summary>
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
            if (types.Count == JingleLimits.PayloadTypes) break;
            if (ReadPayloadType(child) is { } type) types.Add(type);
        }

        var extensions = new List<HeaderExtension>();
        foreach (var child in element.Children("rtp-hdrext", HeaderExtensions))
        {
            if (extensions.Count == JingleLimits.HeaderExtensions) break;
            if (JingleParser.TryInt(child["id"], 1, 255, out var id) && Short(child["uri"]) is { Length: > 0 } uri) extensions.Add(new HeaderExtension(id, uri));
        }

        description = new RtpDescription
        {
            Media = media,
            MaxPtime = Short(element["maxptime"]),
            PayloadTypes = types,
            HeaderExtensions = extensions,
            ExtmapAllowMixed = element.Child("extmap-allow-mixed", HeaderExtensions) is not null,
            RtcpMux = element.Child("rtcp-mux", Rtp) is not null,
            Sources = sources,
            Groups = groups,
        };
        return JingleParseError.None;
    }

    private static PayloadType? ReadPayloadType(XmppElement element)
    {
        if (!JingleParser.TryInt(element["id"], 0, 127, out var id)) return null;
        var parameters = new List<PayloadTypeParameter>();
        foreach (var child in element.Children("parameter", Rtp))
        {
            if (parameters.Count == JingleLimits.PayloadTypeDetails) break;
            if (Short(child["value"]) is { } value) parameters.Add(new PayloadTypeParameter(Short(child["name"]), value));
        }

        var feedback = new List<RtcpFeedback>();
        foreach (var child in element.Children("rtcp-fb", JingleNamespaces.RtcpFeedback))
        {
            if (feedback.Count == JingleLimits.PayloadTypeDetails) break;
            if (Short(child["type"]) is { Length: > 0 } type) feedback.Add(new RtcpFeedback(type, Short(child["subtype"])));
        }

        return new PayloadType
        {
            Id = id,
            Name = Short(element["name"]) ?? "",
            ClockRate = JingleParser.TryInt(element["clockrate"], 0, int.MaxValue, out var clockRate) ? clockRate : 0,
            Channels = JingleParser.TryInt(element["channels"], 1, 255, out var channels) ? channels : 1,
            Parameters = parameters,
            Feedback = feedback,
        };
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
        // Any other video type counts as a camera.
        var videoType = element["videoType"]?.StartsWith("desktop", StringComparison.OrdinalIgnoreCase) == true ? VideoType.Desktop : VideoType.Camera;
        var name = Blank(element["name"]);
        var msid = Blank(element.Children("parameter").FirstOrDefault(parameter => parameter["name"] == "msid")?["value"]);
        if (name is not null && !JingleText.IsSourceName(name)) return JingleParseError.BadName;
        if (msid is not null && !JingleText.IsMsid(msid)) return JingleParseError.BadMsid;
        sources.Add(new OwnedSource(Short(element.Child("ssrc-info", Namespaces.JitMeet)?["owner"]), new Source(ssrc, kind, name, msid, kind == MediaKind.Video ? videoType : VideoType.Camera)));
        return JingleParseError.None;
    }

    private static JingleParseError ReadGroup(XmppElement element, MediaKind kind, List<SsrcGroup> groups)
    {
        GroupSemantics semantics;
        if ("FID".Equals(element["semantics"], StringComparison.OrdinalIgnoreCase)) semantics = GroupSemantics.Fid;
        else if ("SIM".Equals(element["semantics"], StringComparison.OrdinalIgnoreCase)) semantics = GroupSemantics.Sim;
        // Other semantics such as forward error correction are not used here.
        else return JingleParseError.None;
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

    private static string? Short(string? text) => text is { Length: <= JingleLimits.TextLength } ? text : null;

    private static string? Blank(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

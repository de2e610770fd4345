using System.Globalization;
using JitsiMesh.Xmpp;
using static JitsiMesh.Jingle.JingleNamespaces;

namespace JitsiMesh.Jingle;

/// <summary>
/// Parses a <c>&lt;jingle&gt;</c> element. Unknown children and attributes are skipped, and so are invalid optional parts, without which a
/// session can be established; other errors refuse the message.
/// </summary>
public static class JingleParser
{
    public static bool TryParse(XmppElement jingle, out JingleMessage message, out JingleParseError error) => TryParse(jingle, compactSources: true, out message, out error);

    /// <summary>Parses a client's request to focus: its sources are in XML, and a <c>json-message</c> is ignored.</summary>
    public static bool TryParseRequest(XmppElement jingle, out JingleMessage message, out JingleParseError error) => TryParse(jingle, compactSources: false, out message, out error);

    private static bool TryParse(XmppElement jingle, bool compactSources, out JingleMessage message, out JingleParseError error)
    {
        message = null!;
        error = Read(jingle, compactSources, out var read);
        if (error != JingleParseError.None) return false;
        message = read!;
        return true;
    }

    private static JingleParseError Read(XmppElement jingle, bool compactSources, out JingleMessage? message)
    {
        message = null;
        if (jingle.Name != "jingle" || jingle.Namespace != JingleNamespaces.Jingle) return JingleParseError.NotJingle;
        if (jingle["action"] is not { } actionText) return JingleParseError.MissingAction;
        if (!JingleActions.TryParse(actionText, out var action)) return JingleParseError.UnknownAction;
        if (jingle["sid"] is not { Length: > 0 } sid) return JingleParseError.MissingSid;
        if (sid.Length > JingleLimits.TextLength) return JingleParseError.TooLong;

        var contents = new List<JingleContent>();
        var transportError = JingleParseError.None;
        foreach (var element in jingle.Children("content", JingleNamespaces.Jingle))
        {
            if (contents.Count == JingleLimits.Contents) return JingleParseError.TooMany;
            var error = ReadContent(element, ref transportError, out var content);
            if (error != JingleParseError.None) return error;
            contents.Add(content!);
        }

        // All contents have the same transport: one readable transport is enough.
        if (transportError != JingleParseError.None && contents.TrueForAll(content => content.Transport is null)) return transportError;

        SourceMap? compact = null;
        if (compactSources && jingle.Child("json-message", Namespaces.JitMeet) is { } json && !CompactSources.TryParse(json.Text, out compact, out var jsonError)) return jsonError;
        message = new JingleMessage
        {
            Action = action,
            Sid = sid,
            Initiator = Short(jingle["initiator"]),
            Responder = Short(jingle["responder"]),
            Contents = contents,
            Group = ReadGroup(jingle.Child("group", Grouping)),
            Reason = ReadReason(jingle.Child("reason", JingleNamespaces.Jingle)),
            BridgeSession = jingle.Child("bridge-session", Namespaces.Focus) is { } session && Short(session["id"]) is { } id
                ? new BridgeSessionInfo(id, Short(session["region"])) { Restart = True(session["restart"]), IceRestart = True(session["ice-restart"]) }
                : null,
            StartMuted = jingle.Child("startmuted", JingleNamespaces.StartMuted) is { } muted ? new StartMuted(True(muted["audio"]), True(muted["video"])) : null,
            IceState = Short(jingle.Child("ice-state", Namespaces.Focus)?.Text),
            CompactSources = compact,
        };
        return JingleParseError.None;
    }

    private static JingleParseError ReadContent(XmppElement element, ref JingleParseError transportError, out JingleContent? content)
    {
        content = null;
        var named = Short(element["name"]) is { Length: > 0 } text ? text : Short(element.Child("description", Rtp)?["media"]);
        if (string.IsNullOrEmpty(named)) return JingleParseError.BadContent;
        var error = RtpDescriptionParser.Read(element, named, out var description);
        if (error != JingleParseError.None) return error;
        IceUdpTransport? transport = null;
        if (element.Child("transport", IceUdp) is { } transportElement)
        {
            error = IceUdpTransportParser.Read(transportElement, out transport);
            if (transportError == JingleParseError.None) transportError = error;
        }

        content = new JingleContent
        {
            Name = named,
            Creator = element["creator"] == "responder" ? "responder" : "initiator",
            Senders = element["senders"] is "both" or "initiator" or "responder" or "none" ? element["senders"] : null,
            Description = description,
            Transport = transport,
            InitialLastN = JingleParser.TryInt(element.Child("initial-last-n", Namespaces.Colibri2)?["value"], -1, int.MaxValue, out var lastN) ? lastN : null,
        };
        return JingleParseError.None;
    }

    private static ContentGroup? ReadGroup(XmppElement? group) => group is null
        ? null
        : new ContentGroup(Short(group["semantics"]) ?? "", [.. group.Children("content").Select(content => Short(content["name"])).OfType<string>().Take(JingleLimits.Contents)]);

    private static JingleReason? ReadReason(XmppElement? reason)
    {
        var condition = reason?.Elements.FirstOrDefault(element => element.Name != "text" && element.Namespace == JingleNamespaces.Jingle);
        return condition is null ? null : new JingleReason(condition.Name, Short(reason!.Child("text")?.Text));
    }

    internal static bool True(string? text) => text is "true" or "1";

    internal static bool TryInt(string? text, int minimum, int maximum, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum;

    private static string? Short(string? text) => text is { Length: <= JingleLimits.TextLength } ? text : null;
}

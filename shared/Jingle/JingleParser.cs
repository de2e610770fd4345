using System.Globalization;
using JitsiMesh.Xmpp;
using static JitsiMesh.Jingle.JingleNamespaces;

namespace JitsiMesh.Jingle;

/// <summary>Reads a <c>&lt;jingle&gt;</c> element. Unknown children and attributes are passed over; what is known and wrong refuses the message.</summary>
public static class JingleParser
{
    public static bool TryParse(XmppElement jingle, out JingleMessage message, out JingleParseError error)
    {
        message = null!;
        error = Read(jingle, out var read);
        if (error != JingleParseError.None) return false;
        message = read!;
        return true;
    }

    private static JingleParseError Read(XmppElement jingle, out JingleMessage? message)
    {
        message = null;
        if (jingle.Name != "jingle" || jingle.Namespace != JingleNamespaces.Jingle) return JingleParseError.NotJingle;
        if (jingle["action"] is not { } actionText) return JingleParseError.MissingAction;
        if (!JingleActions.TryParse(actionText, out var action)) return JingleParseError.UnknownAction;
        if (jingle["sid"] is not { Length: > 0 } sid) return JingleParseError.MissingSid;
        if (sid.Length > JingleLimits.TextLength) return JingleParseError.TooLong;

        var contents = new List<JingleContent>();
        foreach (var element in jingle.Children("content", JingleNamespaces.Jingle))
        {
            if (contents.Count == JingleLimits.Contents) return JingleParseError.TooMany;
            var error = ReadContent(element, out var content);
            if (error != JingleParseError.None) return error;
            contents.Add(content!);
        }

        SourceMap? compact = null;
        if (jingle.Child("json-message", Namespaces.JitMeet) is { } json && !CompactSources.TryParse(json.Text, out compact, out var jsonError)) return jsonError;
        message = new JingleMessage
        {
            Action = action,
            Sid = sid,
            Initiator = jingle["initiator"],
            Responder = jingle["responder"],
            Contents = contents,
            Group = ReadGroup(jingle.Child("group", Grouping)),
            Reason = ReadReason(jingle.Child("reason", JingleNamespaces.Jingle)),
            BridgeSession = jingle.Child("bridge-session", Namespaces.Focus) is { } session && session["id"] is { } id
                ? new BridgeSessionInfo(id, session["region"]) { Restart = True(session["restart"]), IceRestart = True(session["ice-restart"]) }
                : null,
            StartMuted = jingle.Child("startmuted", JingleNamespaces.StartMuted) is { } muted ? new StartMuted(True(muted["audio"]), True(muted["video"])) : null,
            IceState = jingle.Child("ice-state", Namespaces.Focus)?.Text,
            CompactSources = compact,
        };
        return JingleParseError.None;
    }

    private static JingleParseError ReadContent(XmppElement element, out JingleContent? content)
    {
        content = null;
        if (element["name"] is not { Length: > 0 and <= JingleLimits.TextLength } name) return JingleParseError.BadContent;
        int? lastN = null;
        if (element.Child("initial-last-n", Namespaces.Colibri2) is { } initial)
        {
            if (!TryInt(initial["value"], -1, int.MaxValue, out var value)) return JingleParseError.BadContent;
            lastN = value;
        }

        var error = RtpDescriptionParser.Read(element, name, out var description);
        if (error != JingleParseError.None) return error;
        IceUdpTransport? transport = null;
        if (element.Child("transport", IceUdp) is { } transportElement)
        {
            error = IceUdpTransportParser.Read(transportElement, out transport);
            if (error != JingleParseError.None) return error;
        }

        content = new JingleContent
        {
            Name = name,
            Creator = element["creator"] == "responder" ? "responder" : "initiator",
            Senders = element["senders"] is "both" or "initiator" or "responder" or "none" ? element["senders"] : null,
            Description = description,
            Transport = transport,
            InitialLastN = lastN,
        };
        return JingleParseError.None;
    }

    private static ContentGroup? ReadGroup(XmppElement? group) => group is null
        ? null
        : new ContentGroup(group["semantics"] ?? "", [.. group.Children("content").Select(content => content["name"]).OfType<string>().Take(JingleLimits.Contents)]);

    private static JingleReason? ReadReason(XmppElement? reason)
    {
        var condition = reason?.Elements.FirstOrDefault(element => element.Name != "text" && element.Namespace == JingleNamespaces.Jingle);
        return condition is null ? null : new JingleReason(condition.Name, reason!.Child("text")?.Text);
    }

    internal static bool True(string? text) => text is "true" or "1";

    internal static bool TryInt(string? text, int minimum, int maximum, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum;

    /// <summary>True for an absent attribute, with the value it then has.</summary>
    internal static bool TryOptionalInt(string? text, int absent, int minimum, int maximum, out int value)
    {
        value = absent;
        return text is null || TryInt(text, minimum, maximum, out value);
    }
}

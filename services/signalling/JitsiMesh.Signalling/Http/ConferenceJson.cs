using System.Text.Json;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Http;

/// <summary>The two encodings of the conference request (focus reference, section 1.1).</summary>
public static class ConferenceJson
{
    /// <summary>Reads a request whole: what it says is known before anything comes of it.</summary>
    /// <param name="json">The body.</param>
    /// <param name="request">The request.</param>
    /// <param name="error">What is wrong with it, as a text for the developer of the client.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, out ConferenceJsonRequest request, out string error)
    {
        request = null!;
        error = "not a JSON object, too deep or too long, with a name twice, or with a text that is no Unicode";
        if (JsonText.TryObject(json) is not { } root) return false;
        error = "room, machineUid and sessionId are texts, and room is needed";
        if (!TryText(root, "room", out var room) || room is null || !TryText(root, "machineUid", out var machine) || !TryText(root, "sessionId", out var session)) return false;
        var properties = new List<KeyValuePair<string, string>>();
        error = "properties is an object of texts, numbers and booleans";
        if (root["properties"] is { Kind: not JsonValueKind.Null } given)
        {
            if (!given.IsObject) return false;
            foreach (var (name, value) in given.Members)
            {
                if (value.Kind == JsonValueKind.Null) continue;
                // The client sends numbers and booleans as such; the XML form knows text alone.
                if (value.Scalar is not { } scalar) return false;
                properties.Add(new(name, scalar));
            }
        }

        error = "too many properties";
        if (properties.Count > SignallingLimits.ConferenceRequestProperties) return false;
        request = new ConferenceJsonRequest(room, machine, session, properties);
        return true;
    }

    public static XmppElement ToElement(ConferenceJsonRequest request, string room, string? token)
    {
        var conference = new XmppElement("conference", Namespaces.Focus, ("room", room), ("machine-uid", request.MachineUid), ("session-id", request.SessionId), ("token", token));
        foreach (var (name, value) in request.Properties) conference.Add(new XmppElement("property", Namespaces.Focus, ("name", name), ("value", value)));
        return conference;
    }

    /// <summary>The answer. <c>properties</c> is always there, for the client reads it without looking; its values are all text.</summary>
    public static string ToJson(XmppElement conference) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("room", conference["room"]);
        writer.WriteBoolean("ready", conference["ready"] == "true");
        foreach (var (attribute, name) in ((string, string)[])[("focusjid", "focusJid"), ("vnode", "vnode"), ("session-id", "sessionId"), ("identity", "identity")])
        {
            if (conference[attribute] is { } value) writer.WriteString(name, value);
        }

        writer.WriteStartObject("properties");
        foreach (var property in conference.Children("property", Namespaces.Focus))
        {
            if (property["name"] is { } name) writer.WriteString(name, property["value"] ?? "");
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static bool TryText(UserJson request, string name, out string? text)
    {
        text = request.String(name);
        return text is not null || request[name] is null or { Kind: JsonValueKind.Null };
    }
}

/// <summary>A conference request as its JSON says it.</summary>
public sealed record ConferenceJsonRequest(string Room, string? MachineUid, string? SessionId, IReadOnlyList<KeyValuePair<string, string>> Properties);

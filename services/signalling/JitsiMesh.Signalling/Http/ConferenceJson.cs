using System.Text.Json;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Http;

/// <summary>The two encodings of the conference request (focus reference, section 1.1).</summary>
public static class ConferenceJson
{
    public static string? Room(JsonElement request) =>
        request.ValueKind == JsonValueKind.Object && request.TryGetProperty("room", out var room) && room.ValueKind == JsonValueKind.String ? room.GetString() : null;

    public static XmppElement ToElement(JsonElement request, string room, string? token)
    {
        var conference = new XmppElement("conference", Namespaces.Focus, ("room", room), ("machine-uid", Text(request, "machineUid")), ("session-id", Text(request, "sessionId")), ("token", token));
        if (!request.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object) return conference;
        foreach (var property in properties.EnumerateObject())
        {
            // The client sends numbers and booleans as such; the XML form knows text alone.
            if (Scalar(property.Value) is { } value) conference.Add(new XmppElement("property", Namespaces.Focus, ("name", property.Name), ("value", value)));
        }

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

    private static string? Text(JsonElement request, string name) =>
        request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}

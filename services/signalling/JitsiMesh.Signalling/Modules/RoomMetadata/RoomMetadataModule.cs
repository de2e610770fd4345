using System.Text;
using System.Text.Json.Nodes;
using JitsiMesh.Signalling.Modules.AvModeration;
using JitsiMesh.Signalling.Modules.ExternalServices;
using JitsiMesh.Signalling.Modules.Permissions;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.RoomMetadata;

/// <summary>
/// A JSON object that belongs to the room (mod_room_metadata_component). Everybody gets the whole of it before its own presence, with
/// the TURN servers: a client that sees this component asks for them nowhere else.
/// </summary>
public sealed class RoomMetadataModule(Room room, string component) : RoomModule(room)
{
    private const string StartMutedNamespace = "http://jitsi.org/jitmeet/start-muted";

    /// <summary>Keys that only the server writes.</summary>
    private static readonly HashSet<string> Blocked = new(StringComparer.Ordinal)
    {
        "allownersEnabled", "asyncTranscription", "audioTranslationAvailable", "audioTranslationRequests", "conferencePresetsServiceEnabled", "dialinEnabled",
        "moderators", "participants", "participantsSoftLimit", "services", "transcriberType", "transcription", "visitorsEnabled",
    };

    /// <summary>Keys that focus alone may see: lists of people, and headers with secrets.</summary>
    private static readonly string[] ForFocus = ["participants", "moderators", "audioTranslationRequests"];

    private JsonObject _metadata = [];

    public override string Name => "metadata";

    public override string Component => component;

    public JsonNode? this[string key] => _metadata[key];

    /// <summary>Sets or removes a key and tells everybody when it changed.</summary>
    public void Set(string key, JsonNode? value, RoomOutputs outputs)
    {
        if (JsonNode.DeepEquals(_metadata[key], value)) return;
        if (value is null) _metadata.Remove(key);
        else _metadata[key] = value.DeepClone();
        Room.MarkModule(this, outputs);
        foreach (var occupant in Room.Occupants.Where(occupant => occupant.Session.IsService)) Room.SendEvent(occupant, component, Text(occupant, withServices: null), outputs, withRoom: true);
        var text = Text(null, withServices: null);
        Room.BroadcastToClients(component, text, outputs);
    }

    public override void BeforeSelfPresence(Occupant occupant, MeshInstant now, RoomOutputs outputs) =>
        Room.SendEvent(occupant, component, Text(occupant, occupant.Session.IsService ? null : now), outputs, withRoom: true);

    /// <summary>The older way to say start-muted: a moderator's presence.</summary>
    public override void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
        if (!occupant.IsModerator || occupant.Session.IsService || presence.Child("startmuted", StartMutedNamespace) is not { } startMuted) return;
        // Clients repeat it with every presence: what was said before says nothing now. What moderation has set is moderation's.
        var former = occupant.Presence.Child("startmuted", StartMutedNamespace);
        var policy = _metadata["startMuted"]?.DeepClone() as JsonObject ?? [];
        foreach (var media in (string[])["audio", "video"])
        {
            if (former is not null && startMuted[media] == former[media]) continue;
            if (Room.Module<AvModerationModule>()?.IsOn(media) != true) policy[media] = startMuted[media] == "true";
        }

        if (policy.Count > 0) Set("startMuted", policy, outputs);
    }

    public override StanzaError? Groupchat(Occupant sender, XmppElement message)
    {
        if (message.Child("body") is null || sender.Session.IsService) return null;
        var restricted = _metadata["permissions"] is JsonObject permissions && permissions["groupChatRestricted"] is JsonValue value && value.TryGetValue<bool>(out var on) && on;
        return restricted && !Permission.Has(sender, "send-groupchat") ? StanzaError.NotAllowed.WithText("Sending group messages not allowed") : null;
    }

    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        if (message.Child("room_metadata", Namespaces.JitMeet) is not { } command) return StanzaError.BadRequest;
        using var document = JsonText.TryObject(command.Text);
        if (document is null || !document.RootElement.TryGetProperty("key", out var key) || key.GetString() is not { Length: > 0 } name) return StanzaError.BadRequest;
        if (!document.RootElement.TryGetProperty("data", out var data) || data.ValueKind == System.Text.Json.JsonValueKind.Null) return StanzaError.BadRequest;
        if (Blocked.Contains(name) && !sender.Session.IsService) return StanzaError.NotAllowed;
        if (!IsAllowed(sender, name)) return StanzaError.Forbidden;
        var value = JsonNode.Parse(data.GetRawText());
        if (Encoding.UTF8.GetByteCount(_metadata.ToJsonString()) + data.GetRawText().Length > SignallingLimits.MetadataOctets) return StanzaError.NotAcceptable;
        Set(name, value, outputs);
        return null;
    }

    public override byte[]? Save() => Encoding.UTF8.GetBytes(_metadata.ToJsonString(JsonText.Options));

    public override void Load(ReadOnlySpan<byte> state) => _metadata = JsonNode.Parse(state) as JsonObject ?? [];

    private static bool IsAllowed(Occupant sender, string key) => key switch
    {
        "recording" => Permission.Has(sender, "transcription"),
        "audioTranslation" => Permission.Has(sender, "live-translation"),
        _ => sender.IsModerator,
    };

    /// <summary>The whole object as the client takes it, with what belongs to focus for services alone.</summary>
    private string Text(Occupant? receiver, MeshInstant? withServices)
    {
        var metadata = (JsonObject)_metadata.DeepClone();
        if (receiver is not { Session.IsService: true })
        {
            foreach (var key in ForFocus) metadata.Remove(key);
            (metadata["transcription"] as JsonObject)?.Remove("httpHeaders");
        }

        if (withServices is { } now) metadata["services"] = Services(now);
        return new JsonObject { ["type"] = "room_metadata", ["metadata"] = metadata }.ToJsonString(JsonText.Options);
    }

    private JsonArray Services(MeshInstant now)
    {
        var list = new JsonArray();
        foreach (var service in TurnCredentials.List(Room.Context.Options, now.Utc))
        {
            var entry = new JsonObject
            {
                ["type"] = service.Type,
                ["host"] = service.Host,
                ["port"] = service.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["transport"] = service.Transport,
            };
            if (service.Username is not null)
            {
                entry["username"] = service.Username;
                entry["password"] = service.Password;
                entry["expires"] = XmppTime.FormatSeconds(service.Expires!.Value);
                entry["restricted"] = "1";
            }

            list.Add(entry);
        }

        return list;
    }
}

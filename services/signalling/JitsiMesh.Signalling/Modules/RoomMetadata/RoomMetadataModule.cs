using System.Text;
using System.Text.Json;
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

    private UserJson _metadata = UserJson.Empty;

    public override string Name => "metadata";

    public override string Component => component;

    public UserJson? this[string key] => _metadata[key];

    /// <summary>Sets or removes a key and tells everybody when it changed.</summary>
    public void Set(string key, UserJson? value, RoomOutputs outputs)
    {
        if (_metadata[key] is { } before ? before.Equals(value) : value is null) return;
        _metadata = _metadata.With(key, value);
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
        var policy = _metadata["startMuted"] is { IsObject: true } set ? set : UserJson.Empty;
        foreach (var media in (string[])["audio", "video"])
        {
            if (former is not null && startMuted[media] == former[media]) continue;
            if (Room.Module<AvModerationModule>()?.IsOn(media) != true) policy = policy.With(media, UserJson.Of(startMuted[media] == "true"));
        }

        if (policy.Members.Count > 0) Set("startMuted", policy, outputs);
    }

    public override StanzaError? Groupchat(Occupant sender, XmppElement message)
    {
        if (message.Child("body") is null || sender.Session.IsService) return null;
        var restricted = _metadata["permissions"]?["groupChatRestricted"]?.Boolean == true;
        return restricted && !Permission.Has(sender, "send-groupchat") ? StanzaError.NotAllowed.WithText("Sending group messages not allowed") : null;
    }

    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        if (message.Child("room_metadata", Namespaces.JitMeet) is not { } command) return StanzaError.BadRequest;
        if (JsonText.TryObject(command.Text) is not { } written || written.String("key") is not { Length: > 0 and <= SignallingLimits.MetadataKeyLength } key) return StanzaError.BadRequest;
        if (written["data"] is not { Kind: not JsonValueKind.Null } data) return StanzaError.BadRequest;
        if (Blocked.Contains(key) && !sender.Session.IsService) return StanzaError.NotAllowed;
        if (!IsAllowed(sender, key)) return StanzaError.Forbidden;
        if (IsTooMuch(_metadata.With(key, data), sender.Session.IsService)) return StanzaError.NotAcceptable;
        Set(key, data, outputs);
        return null;
    }

    public override byte[]? Save() => Encoding.UTF8.GetBytes(_metadata.ToJson());

    public override void Load(ReadOnlySpan<byte> state) => _metadata = JsonText.TryStored(state) ?? UserJson.Empty;

    private static bool IsTooMuch(UserJson metadata, bool service) =>
        (metadata.Members.Count > SignallingLimits.MetadataKeys && !service) || PlainText.XmlOctets(metadata.ToJson()) > (service ? SignallingLimits.JsonOctets : SignallingLimits.MetadataOctets);

    private static bool IsAllowed(Occupant sender, string key) => key switch
    {
        "recording" => Permission.Has(sender, "transcription"),
        "audioTranslation" => Permission.Has(sender, "live-translation"),
        _ => sender.IsModerator,
    };

    /// <summary>The whole object as the client takes it, with what belongs to focus for services alone.</summary>
    private string Text(Occupant? receiver, MeshInstant? withServices)
    {
        var metadata = _metadata;
        if (receiver is not { Session.IsService: true })
        {
            foreach (var key in ForFocus) metadata = metadata[key] is null ? metadata : metadata.With(key, null);
            if (metadata["transcription"] is { IsObject: true } transcription && transcription["httpHeaders"] is not null) metadata = metadata.With("transcription", transcription.With("httpHeaders", null));
        }

        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "room_metadata");
            writer.WriteStartObject("metadata");
            foreach (var (name, value) in metadata.Members)
            {
                writer.WritePropertyName(name);
                value.Write(writer);
            }

            if (withServices is { } now && receiver is not null) WriteServices(writer, receiver.Session.FullJid, now);
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private void WriteServices(Utf8JsonWriter writer, string session, MeshInstant now)
    {
        writer.WriteStartArray("services");
        foreach (var service in TurnCredentials.List(Room.Context.Options, session, now.Utc))
        {
            writer.WriteStartObject();
            writer.WriteString("type", service.Type);
            writer.WriteString("host", service.Host);
            writer.WriteString("port", service.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("transport", service.Transport);
            if (service.Username is not null)
            {
                writer.WriteString("username", service.Username);
                writer.WriteString("password", service.Password);
                if (service.Expires is { } expires) writer.WriteString("expires", XmppTime.FormatSeconds(expires));
                writer.WriteString("restricted", "1");
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

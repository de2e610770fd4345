using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Webhooks (docs/webhooks.md). Signalling validates the combination, and runs without webhooks if it is invalid.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<string> WebhookUrls = Text("MESH_WEBHOOK_URLS", "", "Who is told of rooms and participants: https or http addresses, comma separated (docs/webhooks.md); nobody when unset", "signalling");
    public static readonly Setting<string> WebhookSecret = SecretText("MESH_WEBHOOK_SECRET", "a text", _ => true, "Key with which webhooks are signed: whsec_ and base64 of 24 to 64 octets, or a text of 24 characters or more; two, with a space between them, while it is changed", "signalling");
    public static readonly Setting<string> WebhookEvents = Text("MESH_WEBHOOK_EVENTS", "", "The events that are told, comma separated: room.created, room.ended, participant.joined, participant.left; all when unset", "signalling");
    public static readonly Setting<TimeSpan> WebhookTimeout = Seconds("MESH_WEBHOOK_TIMEOUT", 10, 1, 60, "How long a receiver may take for one webhook", "signalling");
    public static readonly Setting<TimeSpan> WebhookRetryFor = Seconds("MESH_WEBHOOK_RETRY_FOR", 86_400, 60, 604_800, "How long a webhook is tried again that its receiver has not taken", "signalling");
}

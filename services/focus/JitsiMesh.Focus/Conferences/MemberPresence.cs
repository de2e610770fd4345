using System.Text.Json;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>What the focus reads from an occupant's presence (XEP-0045 section 7.2, and Jitsi's own elements).</summary>
internal sealed record MemberPresence
{
    public required string Nick { get; init; }

    public required bool Available { get; init; }

    public string? RealJid { get; init; }

    public string Affiliation { get; init; } = "none";

    public string Role { get; init; } = "none";

    public string Region { get; init; } = "";

    public string StatsId { get; init; } = "";

    public string? Caps { get; init; }

    public bool AudioMuted { get; init; }

    public bool VideoMuted { get; init; }

    public bool SwitchingRoom { get; init; }

    public bool Destroyed { get; init; }

    /// <summary>Features that the occupant lists itself; trusted only for configured domains.</summary>
    public IReadOnlyCollection<string> NamedFeatures { get; init; } = [];

    public static MemberPresence? Read(XmppElement presence, string nick)
    {
        var user = presence.Child("x", Namespaces.MucUser);
        var item = user?.Child("item", Namespaces.MucUser);
        if (item is null) return null;
        var (audioMuted, videoMuted) = ReadMuted(presence, nick);
        return new MemberPresence
        {
            Nick = nick,
            Available = presence["type"] is null,
            RealJid = item["jid"],
            Affiliation = item["affiliation"] ?? "none",
            Role = item["role"] ?? "none",
            Region = Property(presence, "jitsi_participant_region"),
            StatsId = Property(presence, "stats-id"),
            Caps = ReadCaps(presence.Child("c", Namespaces.Caps)),
            AudioMuted = audioMuted,
            VideoMuted = videoMuted,
            SwitchingRoom = presence.Child("status", Namespaces.Client)?.Text == "switch_room",
            Destroyed = user!.Child("destroy", Namespaces.MucUser) is not null,
            NamedFeatures = [.. (presence.Child("features")?.Children("feature") ?? []).Select(feature => feature["var"]).OfType<string>()],
        };
    }

    // A hash that the focus cannot verify is ignored, and the focus queries the client without it.
    private static string? ReadCaps(XmppElement? caps) =>
        caps?["hash"] == "sha-1" && caps["node"] is { Length: > 0 and <= FocusLimits.PropertyLength } node && !node.Contains('#', StringComparison.Ordinal)
            && caps["ver"] is { } ver && CapsHash.IsHash(ver) ? $"{node}#{ver}" : null;

    // Without SourceInfo the elements of older clients count; a source that is not listed is muted.
    private static (bool Audio, bool Video) ReadMuted(XmppElement presence, string nick)
    {
        if (presence.Child("SourceInfo") is not { } info) return (presence.Child("audiomuted")?.Text != "false", presence.Child("videomuted")?.Text != "false");
        var (audio, video) = (true, true);
        try
        {
            using var document = JsonDocument.Parse(info.Text);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return (true, true);
            foreach (var source in document.RootElement.EnumerateObject())
            {
                if (source.Value.ValueKind != JsonValueKind.Object || !source.Value.TryGetProperty("muted", out var muted) || muted.ValueKind != JsonValueKind.False) continue;
                if (source.Name.StartsWith(nick + "-a", StringComparison.Ordinal)) audio = false;
                else if (source.Name.StartsWith(nick + "-v", StringComparison.Ordinal)) video = false;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return (true, true);
        }

        return (audio, video);
    }

    private static string Property(XmppElement presence, string name) => presence.Child(name)?.Text is { Length: <= FocusLimits.PropertyLength } text ? text : "";
}

using System.Text.Json;

namespace JitsiMesh.Headless.Media;

/// <summary>The bridge's messages to this endpoint over the bridge channel.</summary>
public sealed class BridgeChannelState
{
    private const int MaxMessages = 1000;
    private readonly Queue<string> _messages = new();
    private readonly Dictionary<uint, MappedSource> _sources = [];

    /// <summary>The last thousand messages, in order.</summary>
    public IReadOnlyCollection<string> Messages => _messages;

    public string? DominantSpeaker { get; private set; }

    public IReadOnlyList<string> ForwardedSources { get; private set; } = [];

    /// <summary>By SSRC: the latest VideoSourcesMap and AudioSourcesMap.</summary>
    public IReadOnlyDictionary<uint, MappedSource> Sources => _sources;

    /// <summary>By source name: the largest height that any receiver wants.</summary>
    public Dictionary<string, int> SenderConstraints { get; } = [];

    public bool SawServerHello { get; private set; }

    /// <summary>Handles one message and returns its class; null if it is not a message of the channel.</summary>
    public string? Handle(ReadOnlySpan<byte> utf8)
    {
        if (_messages.Count == MaxMessages) _messages.Dequeue();
        _messages.Enqueue(System.Text.Encoding.UTF8.GetString(utf8));
        JsonElement message;
        try
        {
            var reader = new Utf8JsonReader(utf8);
            message = JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null;
        }

        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("colibriClass", out var name)) return null;
        switch (name.GetString())
        {
            case "ServerHello":
                SawServerHello = true;
                break;
            case "DominantSpeakerEndpointChangeEvent":
                DominantSpeaker = message.GetProperty("dominantSpeakerEndpoint").GetString();
                break;
            case "ForwardedSources":
                ForwardedSources = [.. message.GetProperty("forwardedSources").EnumerateArray().Select(e => e.GetString()!)];
                break;
            case "SenderSourceConstraints":
                SenderConstraints[message.GetProperty("sourceName").GetString()!] = message.GetProperty("maxHeight").GetInt32();
                break;
            case "VideoSourcesMap" or "AudioSourcesMap":
                foreach (var entry in message.GetProperty("mappedSources").EnumerateArray()) Map(entry);
                break;
        }

        return name.GetString();
    }

    private void Map(JsonElement entry)
    {
        var ssrc = (uint)entry.GetProperty("ssrc").GetInt64();
        uint? rtx = entry.TryGetProperty("rtx", out var value) && value.ValueKind == JsonValueKind.Number && value.GetInt64() >= 0 ? (uint)value.GetInt64() : null;
        _sources[ssrc] = new MappedSource(entry.GetProperty("source").GetString()!, entry.GetProperty("owner").GetString()!, ssrc, rtx);
    }
}

/// <summary>A slot of the receiver and the source that fills it.</summary>
public sealed record MappedSource(string Source, string Owner, uint Ssrc, uint? Rtx);

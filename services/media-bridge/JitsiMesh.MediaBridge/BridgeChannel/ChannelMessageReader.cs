using System.Text.Json;

namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>
/// Reads clients' messages tolerantly: unknown fields are ignored, numbers may be strings, an invalid optional field counts as absent. (Jitsi's bridge refuses a whole message
/// for one unknown field, which breaks newer clients.)
/// </summary>
public static class ChannelMessageReader
{
    private static readonly JsonDocumentOptions DocumentOptions = new()
    {
        MaxDepth = ChannelLimits.MaxDepth,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    public static bool TryRead(ReadOnlyMemory<byte> utf8, out ChannelMessage? message, out ChannelRejection rejection)
    {
        message = null;
        if (utf8.Length > ChannelLimits.MaxMessageBytes)
        {
            rejection = ChannelRejection.TooLong;
            return false;
        }

        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(utf8, DocumentOptions);
            root = document.RootElement.Clone();
            rejection = root.ValueKind == JsonValueKind.Object ? Read(root, out message) : ChannelRejection.NotJson;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with a lone surrogate, which is detected only when the string is read.
            rejection = ChannelRejection.NotJson;
        }

        return rejection == ChannelRejection.None;
    }

    /// <summary>Whether the message is of a class of which only the last counts. Reads no more than its class.</summary>
    public static bool IsWish(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > ChannelLimits.MaxMessageBytes) return false;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = ChannelLimits.MaxDepth, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isClass = reader.ValueTextEquals("colibriClass"u8);
                reader.Read();
                if (!isClass) reader.Skip();
                else return reader.TokenType == JsonTokenType.String && IsWishClass(ref reader);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or a lone surrogate, which is detected only when the string is compared: not a settings message.
        }

        return false;
    }

    private static bool IsWishClass(ref Utf8JsonReader reader) => reader.ValueTextEquals("ReceiverVideoConstraints"u8)
        || reader.ValueTextEquals("LastNChangedEvent"u8)
        || reader.ValueTextEquals("ReceiverAudioSubscription"u8)
        || reader.ValueTextEquals("SourceVideoTypeMessage"u8)
        || reader.ValueTextEquals("VideoTypeMessage"u8);

    private static ChannelRejection Read(JsonElement root, out ChannelMessage? message)
    {
        message = null;
        if (Text(root, "colibriClass") is not { Length: > 0 } kind) return ChannelRejection.NoClass;
        switch (kind)
        {
            case "ClientHello":
                message = ClientHello.Instance;
                break;
            case "ReceiverVideoConstraints":
                message = ReadConstraints(root);
                break;
            case "LastNChangedEvent":
                if (Integer(root, "lastN") is not { } lastN) return ChannelRejection.MissingField;
                message = new LastNChanged((int)Math.Clamp(lastN, -1, int.MaxValue));
                break;
            case "ReceiverAudioSubscription":
                message = ReadAudioSubscription(root);
                break;
            case "SourceVideoTypeMessage":
                if (Text(root, "sourceName") is not { } name || Text(root, "videoType") is not { } type) return ChannelRejection.MissingField;
                if (name.Length > ChannelLimits.MaxNameLength) return ChannelRejection.TooLong;
                message = new SourceVideoTypeChanged(name, VideoTypes.Parse(type));
                break;
            case "VideoTypeMessage":
                if (Text(root, "videoType") is not { } oldType) return ChannelRejection.MissingField;
                message = new SourceVideoTypeChanged(null, VideoTypes.Parse(oldType));
                break;
            case "EndpointMessage":
                message = new EndpointText(Text(root, "to")?.Trim() ?? "", root);
                break;
            case "EndpointStats":
                message = new EndpointStatistics(root);
                break;
            default:
                return ChannelRejection.UnknownClass;
        }

        return ChannelRejection.None;
    }

    private static ReceiverVideoConstraints ReadConstraints(JsonElement root)
    {
        Dictionary<string, VideoConstraints>? map = null;
        if (root.TryGetProperty("constraints", out var element) && element.ValueKind == JsonValueKind.Object)
        {
            map = [];
            foreach (var property in element.EnumerateObject())
            {
                if (map.Count >= ChannelLimits.MaxListedSources) break;
                if (property.Name.Length <= ChannelLimits.MaxNameLength && ReadVideoConstraints(property.Value) is { } constraints) map[property.Name] = constraints;
            }
        }

        return new ReceiverVideoConstraints
        {
            LastN = Integer(root, "lastN") is { } lastN ? (int)Math.Clamp(lastN, -1, int.MaxValue) : null,
            SelectedSources = Names(root, "selectedSources"),
            OnStageSources = Names(root, "onStageSources"),
            DefaultConstraints = root.TryGetProperty("defaultConstraints", out var defaults) ? ReadVideoConstraints(defaults) : null,
            Constraints = map,
            AssumedBandwidthBps = Integer(root, "assumedBandwidthBps"),
        };
    }

    private static VideoConstraints? ReadVideoConstraints(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) return null;
        var height = Number(element, "maxHeight");
        return new VideoConstraints(
            height is null ? -1 : (int)Math.Clamp(height.Value, -1, 100_000),
            Number(element, "maxFrameRate") ?? -1);
    }

    private static ReceiverAudioSubscription ReadAudioSubscription(JsonElement root)
    {
        var include = Names(root, "include") ?? [];
        var exclude = Names(root, "exclude") ?? [];
        var list = Names(root, "list") ?? [];
        return Text(root, "mode")?.ToUpperInvariant() switch
        {
            "ALL" => new ReceiverAudioSubscription(true, [], []),
            "NONE" => new ReceiverAudioSubscription(false, [], []),
            "INCLUDE" => new ReceiverAudioSubscription(false, list, []),
            "EXCLUDE" => new ReceiverAudioSubscription(true, [], list),
            _ => new ReceiverAudioSubscription(Flag(root, "all") ?? false, include, exclude),
        };
    }

    private static List<string>? Names(JsonElement root, string field)
    {
        if (!root.TryGetProperty(field, out var element) || element.ValueKind != JsonValueKind.Array) return null;
        var names = new List<string>();
        foreach (var item in element.EnumerateArray())
        {
            if (names.Count >= ChannelLimits.MaxListedSources) break;
            if (item.ValueKind == JsonValueKind.String && item.GetString()! is { Length: <= ChannelLimits.MaxNameLength } name) names.Add(name);
        }

        return names;
    }

    private static string? Text(JsonElement root, string field) =>
        root.TryGetProperty(field, out var element) && element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    private static bool? Flag(JsonElement root, string field) =>
        !root.TryGetProperty(field, out var element) ? null : element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    private static long? Integer(JsonElement root, string field) =>
        Number(root, field) is { } number && Math.Abs(number) < 1e15 ? (long)number : null;

    private static double? Number(JsonElement root, string field)
    {
        if (!root.TryGetProperty(field, out var element)) return null;
        switch (element.ValueKind)
        {
            case JsonValueKind.Number when element.TryGetDouble(out var number) && double.IsFinite(number):
                return number;
            case JsonValueKind.String when double.TryParse(
                element.GetString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var parsed) && double.IsFinite(parsed):
                return parsed;
            default:
                return null;
        }
    }
}

using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace JitsiMesh.Jingle;

/// <summary>
/// Jitsi's compact encoding of sources: <c>{"sources":{OWNER:[VIDEO,VIDEO_GROUPS,AUDIO,AUDIO_GROUPS]}}</c>. A source is
/// <c>{"s":ssrc,"n":name,"m":msid}</c>, with <c>"v":"d"</c> for a desktop; a group is <c>["f",a,b]</c> or <c>["s",a,b,c]</c>. Trailing
/// empty lists of groups may be absent.
/// </summary>
public static class CompactSources
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Format(SourceMap map)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("sources");
            foreach (var (owner, set) in map.Entries)
            {
                writer.WriteStartArray(owner);
                WriteSources(writer, set, MediaKind.Video);
                WriteGroups(writer, set, MediaKind.Video);
                WriteSources(writer, set, MediaKind.Audio);
                if (set.Groups.Any(group => group.Kind == MediaKind.Audio)) WriteGroups(writer, set, MediaKind.Audio);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static bool TryParse(string text, out SourceMap map, out JingleParseError error)
    {
        map = new SourceMap();
        try
        {
            using var document = JsonDocument.Parse(text);
            error = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("sources", out var sources)
                ? Read(sources, map)
                : JingleParseError.BadJson;
        }
        // InvalidOperationException: an owner's name with an escaped lone surrogate is valid JSON, but no valid string.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            error = JingleParseError.BadJson;
        }

        return error == JingleParseError.None;
    }

    private static JingleParseError Read(JsonElement owners, SourceMap map)
    {
        if (owners.ValueKind != JsonValueKind.Object) return JingleParseError.BadJson;
        var count = 0;
        foreach (var owner in owners.EnumerateObject())
        {
            if (owner.Value.ValueKind != JsonValueKind.Array || owner.Name.Length > JingleLimits.TextLength) return JingleParseError.BadJson;
            var sources = new List<Source>();
            var groups = new List<SsrcGroup>();
            for (var i = 0; i < Math.Min(4, owner.Value.GetArrayLength()); i++)
            {
                var kind = i < 2 ? MediaKind.Video : MediaKind.Audio;
                var list = owner.Value[i];
                if (list.ValueKind != JsonValueKind.Array) return JingleParseError.BadJson;
                foreach (var item in list.EnumerateArray())
                {
                    if (++count > JingleLimits.Sources) return JingleParseError.TooMany;
                    var error = i % 2 == 0 ? ReadSource(item, kind, sources) : ReadGroup(item, kind, groups);
                    if (error != JingleParseError.None) return error;
                }
            }

            map[owner.Name] = new SourceSet(sources, groups);
        }

        return JingleParseError.None;
    }

    private static JingleParseError ReadSource(JsonElement item, MediaKind kind, List<Source> sources)
    {
        if (item.ValueKind != JsonValueKind.Object) return JingleParseError.BadJson;
        if (!item.TryGetProperty("s", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetUInt32(out var ssrc) || ssrc == 0) return JingleParseError.BadSsrc;
        var desktop = item.TryGetProperty("v", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("d");
        var (name, msid) = (Text(item, "n"), Text(item, "m"));
        if (name is not null && !JingleText.IsSourceName(name)) return JingleParseError.BadName;
        if (msid is not null && !JingleText.IsMsid(msid)) return JingleParseError.BadMsid;
        sources.Add(new Source(ssrc, kind, name, msid, desktop ? VideoType.Desktop : VideoType.Camera));
        return JingleParseError.None;
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static JingleParseError ReadGroup(JsonElement item, MediaKind kind, List<SsrcGroup> groups)
    {
        if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() is 0 or > JingleLimits.GroupSize + 1 || item[0].ValueKind != JsonValueKind.String) return JingleParseError.BadGroup;
        GroupSemantics? semantics = item[0].ValueEquals("f") ? GroupSemantics.Fid : item[0].ValueEquals("s") ? GroupSemantics.Sim : null;
        if (semantics is null) return JingleParseError.BadGroup;
        var ssrcs = new List<uint>();
        foreach (var element in item.EnumerateArray().Skip(1))
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetUInt32(out var ssrc) || ssrc == 0) return JingleParseError.BadSsrc;
            ssrcs.Add(ssrc);
        }

        groups.Add(new SsrcGroup(semantics.Value, kind, ssrcs));
        return JingleParseError.None;
    }

    private static void WriteSources(Utf8JsonWriter writer, SourceSet set, MediaKind kind)
    {
        writer.WriteStartArray();
        foreach (var source in set.Sources)
        {
            if (source.Kind != kind) continue;
            writer.WriteStartObject();
            writer.WriteNumber("s", source.Ssrc);
            if (source.Name is not null) writer.WriteString("n", source.Name);
            if (source.Msid is not null) writer.WriteString("m", source.Msid);
            if (source.VideoType == VideoType.Desktop) writer.WriteString("v", "d");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteGroups(Utf8JsonWriter writer, SourceSet set, MediaKind kind)
    {
        writer.WriteStartArray();
        foreach (var group in set.Groups)
        {
            if (group.Kind != kind) continue;
            writer.WriteStartArray();
            writer.WriteStringValue(group.Semantics == GroupSemantics.Fid ? "f" : "s");
            foreach (var ssrc in group.Ssrcs) writer.WriteNumberValue(ssrc);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}

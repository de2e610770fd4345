using System.Buffers;
using System.Text.Json;

namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>One slot of a receiver with SSRC rewriting, and the source that its streams carry now.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Owner">The owner's endpoint id.</param>
/// <param name="Ssrc">The slot's media SSRC.</param>
/// <param name="RtxSsrc">The slot's retransmission SSRC; -1 for none. Video only.</param>
/// <param name="VideoType">Null for audio.</param>
/// <param name="Mid">Present when the receiver demultiplexes by mid.</param>
public readonly record struct MappedSource(string Source, string Owner, uint Ssrc, long RtxSsrc, VideoType? VideoType, string? Mid);

/// <summary>Writes the bridge's messages as UTF-8 JSON, with the fields that the clients read.</summary>
public static class ChannelMessageWriter
{
    public static byte[] ServerHello() => Write("ServerHello", static (_, _) => { }, 0);

    public static byte[] DominantSpeaker(string dominant, IReadOnlyList<string> previous) =>
        Write("DominantSpeakerEndpointChangeEvent", static (w, s) =>
        {
            w.WriteString("dominantSpeakerEndpoint", s.dominant);
            w.WriteStartArray("previousSpeakers");
            foreach (var id in s.previous) w.WriteStringValue(id);
            w.WriteEndArray();
            w.WriteBoolean("silence", false);
        }, (dominant, previous));

    /// <summary>The client compares <c>active</c> with the text "true": the field must be a string.</summary>
    public static byte[] ConnectivityStatus(string endpoint, bool active) =>
        Write("EndpointConnectivityStatusChangeEvent", static (w, s) =>
        {
            w.WriteString("endpoint", s.endpoint);
            w.WriteString("active", s.active ? "true" : "false");
        }, (endpoint, active));

    public static byte[] ForwardedSources(IEnumerable<string> names) =>
        Write("ForwardedSources", static (w, names) =>
        {
            w.WriteStartArray("forwardedSources");
            foreach (var name in names) w.WriteStringValue(name);
            w.WriteEndArray();
        }, names);

    public static byte[] SenderSourceConstraints(string sourceName, int maxHeight) =>
        Write("SenderSourceConstraints", static (w, s) =>
        {
            w.WriteString("sourceName", s.sourceName);
            w.WriteNumber("maxHeight", s.maxHeight);
        }, (sourceName, maxHeight));

    public static byte[] VideoSourcesMap(IEnumerable<MappedSource> sources) => SourcesMap("VideoSourcesMap", sources);

    public static byte[] AudioSourcesMap(IEnumerable<MappedSource> sources) => SourcesMap("AudioSourcesMap", sources);

    public static byte[] ConnectionStats(long estimatedDownlinkBps) =>
        Write("ConnectionStats", static (w, bps) => w.WriteNumber("estimatedDownlinkBandwidth", bps), estimatedDownlinkBps);

    /// <summary>
    /// A client's message with <c>from</c> set by the bridge, whatever the client wrote there. False when it has text that is not valid Unicode (half a surrogate pair), which
    /// is detected only when the text is written.
    /// </summary>
    public static bool TryStamp(JsonElement body, string from, out byte[] stamped)
    {
        stamped = [];
        var buffer = new ArrayBufferWriter<byte>(512);
        try
        {
            using var writer = new Utf8JsonWriter(buffer);
            writer.WriteStartObject();
            foreach (var property in body.EnumerateObject())
            {
                if (property.NameEquals("from")) continue;
                property.WriteTo(writer);
            }

            writer.WriteString("from", from);
            writer.WriteEndObject();
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        stamped = buffer.WrittenSpan.ToArray();
        return true;
    }

    private static byte[] SourcesMap(string kind, IEnumerable<MappedSource> sources) =>
        Write(kind, static (w, sources) =>
        {
            w.WriteStartArray("mappedSources");
            foreach (var source in sources)
            {
                w.WriteStartObject();
                w.WriteString("source", source.Source);
                w.WriteString("owner", source.Owner);
                w.WriteNumber("ssrc", source.Ssrc);
                if (source.VideoType is { } type)
                {
                    w.WriteNumber("rtx", source.RtxSsrc);
                    w.WriteString("videoType", type.ToWire());
                }

                if (source.Mid is not null) w.WriteString("mid", source.Mid);
                w.WriteEndObject();
            }

            w.WriteEndArray();
        }, sources);

    private static byte[] Write<T>(string kind, Action<Utf8JsonWriter, T> fields, T state)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("colibriClass", kind);
            fields(writer, state);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}

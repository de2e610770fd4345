using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// The JSON inside <c>json-message</c> and the like. What clients send is read here and nowhere else: through to its end, once, before anything is
/// changed because of it. Every kind of fault has the same outcome: there is no value.
/// </summary>
public static class JsonText
{
    /// <summary>Plain characters stay plain: the XML around it escapes what it must.</summary>
    public static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = SignallingLimits.JsonDepth };

    public static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, WriterOptions)) write(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>
    /// The object in a text. Null where it is none, is cut off or followed by something, has half a surrogate pair (also an escaped one) or a
    /// name twice in an object, or goes over <see cref="SignallingLimits.JsonOctets"/>, <see cref="SignallingLimits.JsonDepth"/> or <see cref="SignallingLimits.JsonValues"/>.
    /// </summary>
    public static UserJson? TryObject(string text)
    {
        if (text.Length > SignallingLimits.JsonOctets) return null;
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            // Not by replacing: half a surrogate pair is no text.
            return Utf8.FromUtf16(text, buffer, out _, out var written, replaceInvalidSequences: false) == OperationStatus.Done ? TryObject(buffer.AsSpan(0, written)) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The same of UTF-8 octets, as a request brings them.</summary>
    public static UserJson? TryObject(ReadOnlySpan<byte> utf8) => utf8.Length <= SignallingLimits.JsonOctets ? TryObject(utf8, SignallingLimits.JsonValues) : null;

    /// <summary>Reads JSON that was accepted and stored before: it is never refused for its length.</summary>
    public static UserJson? TryStored(ReadOnlySpan<byte> utf8) => TryObject(utf8, int.MaxValue);

    private static UserJson? TryObject(ReadOnlySpan<byte> utf8, int left)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, ReaderOptions);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            var value = Read(ref reader, ref left);
            return value is null || reader.Read() ? null : value;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The reader says by the second that an escaped text is no UTF-16.
            return null;
        }
    }

    /// <summary>The value that begins at the reader's token; null when it is refused.</summary>
    private static UserJson? Read(ref Utf8JsonReader reader, ref int left)
    {
        if (--left < 0) return null;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new List<KeyValuePair<string, UserJson>>();
                HashSet<string>? names = null;
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    if (!(names ??= new HashSet<string>(StringComparer.Ordinal)).Add(name)) return null;
                    if (!reader.Read() || Read(ref reader, ref left) is not { } member) return null;
                    members.Add(new KeyValuePair<string, UserJson>(name, member));
                }

                return UserJson.Object([.. members]);
            case JsonTokenType.StartArray:
                var items = new List<UserJson>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (Read(ref reader, ref left) is not { } item) return null;
                    items.Add(item);
                }

                return UserJson.Array(items);
            case JsonTokenType.String:
                return UserJson.Of(reader.GetString()!);
            case JsonTokenType.Number:
                return UserJson.Number(Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return UserJson.Of(true);
            case JsonTokenType.False:
                return UserJson.Of(false);
            case JsonTokenType.Null:
                return UserJson.Null;
            default:
                return null;
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;

namespace JitsiMesh.Auth.Tokens;

/// <summary>
/// Parses the JSON of tokens and key sets strictly, so that two parsers cannot interpret one text differently (RFC 8725 section 2.4). A duplicate name in an object, a lone
/// surrogate, invalid UTF-8, data after the end, or a text over the limits is refused.
/// </summary>
internal static class TokenJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = TokenLimits.JsonDepth, AllowDuplicateProperties = false };
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Parses an object from UTF-8.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="values">The most values that it may contain.</param>
    /// <param name="json">The object; every string in it can be read.</param>
    public static bool TryObject(ReadOnlySpan<byte> utf8, int values, [NotNullWhen(true)] out JsonElement? json)
    {
        json = null;
        try
        {
            var parsed = JsonElement.Parse(utf8, Options);
            if (parsed.ValueKind != JsonValueKind.Object || !Walk(parsed, ref values)) return false;
            json = parsed;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // InvalidOperationException: an escaped string is invalid UTF-16.
            return false;
        }
    }

    /// <summary>A value that is present and not null.</summary>
    public static JsonElement? Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A string that is not empty, not too long, and valid in XML; null otherwise.</summary>
    public static string? Name(this JsonElement json) =>
        json.ValueKind == JsonValueKind.String && json.GetString() is { Length: > 0 and <= TokenLimits.NameCharacters } text && IsPlain(text) ? text : null;

    /// <summary>true, or the string "true": issuers write either.</summary>
    public static bool IsTrue(this JsonElement json) => json.ValueKind == JsonValueKind.True || (json.ValueKind == JsonValueKind.String && json.ValueEquals("true"));

    /// <summary>Whether all names and strings in a value are valid in XML, which signalling writes them to (XML 1.0 section 2.2).</summary>
    public static bool IsPlainThroughout(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => IsPlain(json.GetString()!),
        JsonValueKind.Array => json.EnumerateArray().All(IsPlainThroughout),
        JsonValueKind.Object => json.EnumerateObject().All(member => IsPlain(member.Name) && IsPlainThroughout(member.Value)),
        _ => true,
    };

    /// <summary>The value re-serialized: no blanks, no needless escapes.</summary>
    public static string Write(JsonElement json) => Write(json.WriteTo);

    public static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, WriterOptions)) write(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    public static bool IsPlain(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else if (!XmlConvert.IsXmlChar(text[i])) return false;
        }

        return true;
    }

    private static bool Walk(JsonElement json, ref int left)
    {
        if (--left < 0) return false;
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var member in json.EnumerateObject())
                {
                    if (!names.Add(member.Name) || !Walk(member.Value, ref left)) return false;
                }

                return true;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    if (!Walk(item, ref left)) return false;
                }

                return true;
            case JsonValueKind.String:
                return json.GetString() is not null;
            default:
                return true;
        }
    }
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace JitsiMesh.Signalling.Muc;

/// <summary>The JSON inside <c>json-message</c> and the like.</summary>
public static class JsonText
{
    /// <summary>Plain characters stay plain: the XML around it escapes what it must.</summary>
    public static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, WriterOptions)) write(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>The object in a text, or null where it is none.</summary>
    public static JsonDocument? TryObject(string text)
    {
        try
        {
            var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The string value of the top-level key <c>type</c>, or null.</summary>
    public static string? TypeOf(string text)
    {
        using var document = TryObject(text);
        return document is not null && document.RootElement.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace JitsiMesh.Acme.Messages;

/// <summary>Reads an authority's JSON: a missing value or one of another kind is null, and nothing throws.</summary>
internal static class JsonReading
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = AcmeLimits.JsonDepth };

    /// <summary>Parses a body that must be one object.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        try
        {
            document = JsonDocument.Parse(body, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return true;
            document.Dispose();
        }
        catch (JsonException)
        {
            return false;
        }

        document = null;
        return false;
    }

    public static string? Text(this JsonElement element, string name) => element.Member(name)?.Text();

    public static string? Text(this JsonElement member)
    {
        if (member.ValueKind != JsonValueKind.String) return null;
        try
        {
            return member.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate.
            return null;
        }
    }

    public static JsonElement? Member(this JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    /// <summary>The items of an array, up to a limit.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name, int limit) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray().Take(limit) : [];
}

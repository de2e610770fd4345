using System.Text.Json;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Reads members of JSON objects that may be missing or of another type.</summary>
internal static class JsonFields
{
    public static JsonElement? Child(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var child) ? child : null;

    public static bool IsTrue(JsonElement? element) => element is { ValueKind: JsonValueKind.True };

    public static string? Text(JsonElement parent, string name) => Child(parent, name) is { ValueKind: JsonValueKind.String } child ? child.GetString() : null;
}

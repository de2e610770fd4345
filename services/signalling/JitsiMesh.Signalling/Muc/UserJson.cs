using System.Collections.Frozen;
using System.Text.Json;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// A JSON value that was read through: plain and immutable, so that nothing of it can fail later. <see cref="JsonText"/> makes it of what a
/// client sent.
/// </summary>
public sealed class UserJson : IEquatable<UserJson>
{
    private static readonly FrozenDictionary<string, UserJson> NoNames = FrozenDictionary<string, UserJson>.Empty;
    private static readonly UserJson True = new(JsonValueKind.True, "true", [], []);
    private static readonly UserJson False = new(JsonValueKind.False, "false", [], []);

    private readonly IReadOnlyDictionary<string, UserJson> _byName;

    private UserJson(JsonValueKind kind, string text, UserJson[] items, KeyValuePair<string, UserJson>[] members)
    {
        Kind = kind;
        Text = text;
        Items = items;
        Members = members;
        _byName = members.Length == 0 ? NoNames : new Dictionary<string, UserJson>(members, StringComparer.Ordinal);
    }

    public static UserJson Null { get; } = new(JsonValueKind.Null, "null", [], []);

    public static UserJson Empty { get; } = new(JsonValueKind.Object, "", [], []);

    public JsonValueKind Kind { get; }

    /// <summary>A string's text, a number as it was written, <c>true</c>, <c>false</c>, <c>null</c>; empty for objects and arrays.</summary>
    public string Text { get; }

    /// <summary>The values of an array.</summary>
    public IReadOnlyList<UserJson> Items { get; }

    /// <summary>What an object has, in the order in which it was written.</summary>
    public IReadOnlyList<KeyValuePair<string, UserJson>> Members { get; }

    public bool IsObject => Kind == JsonValueKind.Object;

    /// <summary>true, or the text "true": clients and token issuers write either.</summary>
    public bool IsTrue => Kind == JsonValueKind.True || (Kind == JsonValueKind.String && Text == "true");

    /// <summary>Null for everything but true and false.</summary>
    public bool? Boolean => Kind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>A string, a number, true or false as text; null for everything else.</summary>
    public string? Scalar => Kind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? Text : null;

    /// <summary>An object's value of that name, or null.</summary>
    public UserJson? this[string name] => _byName.GetValueOrDefault(name);

    /// <summary>An object's text of that name; null where there is none or it is no string.</summary>
    public string? String(string name) => this[name] is { Kind: JsonValueKind.String } value ? value.Text : null;

    public static UserJson Of(bool value) => value ? True : False;

    public static UserJson Of(string value) => new(JsonValueKind.String, value, [], []);

    public static UserJson Number(string written) => new(JsonValueKind.Number, written, [], []);

    public static UserJson Array(IEnumerable<UserJson> items) => new(JsonValueKind.Array, "", [.. items], []);

    /// <param name="members">No name twice.</param>
    public static UserJson Object(params KeyValuePair<string, UserJson>[] members) => members.Length == 0 ? Empty : new UserJson(JsonValueKind.Object, "", [], members);

    /// <summary>The same object with a value set, or removed by null.</summary>
    public UserJson With(string name, UserJson? value)
    {
        var members = Members.ToList();
        var index = members.FindIndex(member => member.Key == name);
        if (value is null)
        {
            if (index >= 0) members.RemoveAt(index);
        }
        else if (index >= 0)
        {
            members[index] = new KeyValuePair<string, UserJson>(name, value);
        }
        else
        {
            members.Add(new KeyValuePair<string, UserJson>(name, value));
        }

        return Object([.. members]);
    }

    public void Write(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var (name, value) in Members)
                {
                    writer.WritePropertyName(name);
                    value.Write(writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in Items) item.Write(writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Text);
                break;
            default:
                writer.WriteRawValue(Text);
                break;
        }
    }

    public string ToJson() => JsonText.Write(Write);

    public override string ToString() => Kind.ToString();

    /// <summary>The same values; the order of an object's names does not count.</summary>
    public bool Equals(UserJson? other)
    {
        if (other is null || other.Kind != Kind || other.Text != Text || other.Items.Count != Items.Count || other.Members.Count != Members.Count) return false;
        for (var i = 0; i < Items.Count; i++)
        {
            if (!Items[i].Equals(other.Items[i])) return false;
        }

        foreach (var (name, value) in Members)
        {
            if (!value.Equals(other[name])) return false;
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as UserJson);

    public override int GetHashCode() => HashCode.Combine(Kind, Text, Items.Count, Members.Count);
}

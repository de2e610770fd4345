using System.Buffers;
using System.Text;
using System.Text.Json;
using JitsiMesh.Auth.Tokens;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.Oidc.Logins;

/// <summary>
/// The target of a login: always a room of this server. Clients send it in the parameters <c>room</c> and <c>tenant</c>, or in <c>state</c>, a JSON object with room, tenant,
/// the page's overrides (<c>config.…</c>), and ios or android for the mobile app (jitsi-meet, features/authentication).
/// </summary>
/// <param name="Room">Decoded; safe in a path.</param>
/// <param name="Tenant">The same; empty without one.</param>
/// <param name="Overrides">The overrides for the address's fragment: name and value as JSON.</param>
/// <param name="App">Whether the mobile app started it.</param>
internal sealed record LoginTarget(string Room, string Tenant, IReadOnlyDictionary<string, string> Overrides, bool App)
{
    // A star in a token means every room, or every tenant.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/?&:'\"\\#*");

    /// <summary>The tenant as signalling gets it: dots become underscores, letters lower case.</summary>
    public string TenantLabel => Tenant.Replace('.', '_').ToLowerInvariant().Normalize(NormalizationForm.FormC);

    /// <returns>Null where no room is named, or an invalid one.</returns>
    public static LoginTarget? Read(IQueryCollection query)
    {
        var state = ReadState(query["state"].ToString());
        var room = Text(state, "room") ?? query["room"].ToString();
        var tenant = Text(state, "tenant") ?? query["tenant"].ToString();
        if (!TryName(room, out var goodRoom)) return null;
        var goodTenant = "";
        if (tenant.Length > 0 && !TryName(tenant, out goodTenant)) return null;
        return new LoginTarget(goodRoom, goodTenant, OverridesOf(state), IsTrue(state, "ios") || IsTrue(state, "android"));
    }

    /// <summary>The page of the room, or the address of the app.</summary>
    /// <param name="options">The addresses.</param>
    /// <param name="token">The token for the room.</param>
    public string ReturnAddress(OidcOptions options, string token)
    {
        var page = RoomAddress(options);
        if (App) page = $"{options.AppScheme}://{page[(page.IndexOf("://", StringComparison.Ordinal) + 3)..]}";
        var address = new StringBuilder(page).Append("?jwt=").Append(token);
        var separator = '#';
        foreach (var (name, value) in Overrides)
        {
            address.Append(separator).Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return address.ToString();
    }

    public string RoomAddress(OidcOptions options)
    {
        var tenant = Tenant.Length > 0 ? Uri.EscapeDataString(Tenant) + "/" : "";
        return $"{options.PublicUrl.AbsoluteUri.TrimEnd('/')}/{tenant}{Uri.EscapeDataString(Room)}";
    }

    /// <summary>The address that restarts this login.</summary>
    public string LoginAddress(OidcOptions options) =>
        $"{options.PublicUrl.AbsoluteUri.TrimEnd('/')}{OidcPaths.Login}?room={Uri.EscapeDataString(Room)}{(Tenant.Length > 0 ? "&tenant=" + Uri.EscapeDataString(Tenant) : "")}";

    private static JsonElement? ReadState(string text) =>
        text.Length is > 0 and <= OidcLimits.StateCharacters && TokenJson.TryObject(Encoding.UTF8.GetBytes(text), OidcLimits.Overrides * 4, out var state) ? state : null;

    // Jitsi's clients copy the room from the path, percent-encoded. A link with the parameter room has the decoded name.
    private static bool TryName(string text, out string name)
    {
        name = "";
        if (text.Length > OidcLimits.NameCharacters * 9) return false;
        name = Uri.UnescapeDataString(text).Normalize(NormalizationForm.FormC);
        return name.Length is > 0 and <= OidcLimits.NameCharacters && name[0] != '.' && !name.AsSpan().ContainsAny(Forbidden) && !name.Any(char.IsControl) && TokenJson.IsPlain(name);
    }

    private static Dictionary<string, string> OverridesOf(JsonElement? state)
    {
        var overrides = new Dictionary<string, string>(StringComparer.Ordinal);
        var left = OidcLimits.OverrideCharacters;
        foreach (var member in state?.EnumerateObject().AsEnumerable() ?? [])
        {
            if (!(member.Name.StartsWith("config.", StringComparison.Ordinal) || member.Name.StartsWith("interfaceConfig.", StringComparison.Ordinal)) || overrides.Count == OidcLimits.Overrides) continue;
            if (ValueOf(member.Value) is not { } value || (left -= member.Name.Length + value.Length) < 0) continue;
            overrides[member.Name] = value;
        }

        return overrides;
    }

    // A page parses the fragment's values as JSON. A text may already be JSON, since the page took it from its fragment.
    private static string? ValueOf(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number) return value.GetRawText();
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 } text) return null;
        try
        {
            using var json = JsonDocument.Parse(text);
            return text;
        }
        catch (JsonException)
        {
            return JsonSerializer.Serialize(text);
        }
    }

    private static string? Text(JsonElement? state, string name) => state?.Member(name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value ? value : null;

    private static bool IsTrue(JsonElement? state, string name) => state?.Member(name) is { } value && value.IsTrue();
}

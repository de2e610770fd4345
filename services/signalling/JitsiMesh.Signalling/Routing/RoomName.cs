using System.Text;

namespace JitsiMesh.Signalling.Routing;

/// <summary>
/// The two forms of a room's name, and of a tenant's: as people write it, and as it stands in an address, where clients have everything but plain letters percent-encoded (Jitsi Meet:
/// getBackendSafeRoomName).
/// </summary>
public static class RoomName
{
    /// <summary>Characters that encodeURIComponent leaves as they are and <see cref="Uri.EscapeDataString(string)"/> does not.</summary>
    private static readonly (string Encoded, string Plain)[] Unescaped = [("%21", "!"), ("%27", "'"), ("%28", "("), ("%29", ")"), ("%2a", "*")];

    /// <summary>The form in an address: a name that is encoded already stays as it is, in lower case.</summary>
    public static string InAddress(string name)
    {
        var encoded = Uri.EscapeDataString(Plain(name)).ToLowerInvariant();
        foreach (var (escape, plain) in Unescaped) encoded = encoded.Replace(escape, plain, StringComparison.Ordinal);
        return encoded;
    }

    /// <summary>The form for comparing: decoded once, NFKC, lower case.</summary>
    public static string Plain(string name)
    {
        var decoded = name.Contains('%') ? Uri.UnescapeDataString(name) : name;
        // Half of a surrogate pair has no normal form, and no address.
        return IsWellFormed(decoded) ? decoded.Normalize(NormalizationForm.FormKC).ToLowerInvariant() : name;
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsSurrogatePair(text, i)) return false;
            i++;
        }

        return true;
    }
}

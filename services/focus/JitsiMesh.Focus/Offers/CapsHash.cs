using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Offers;

/// <summary>
/// The verification string of entity capabilities (XEP-0115 sections 5.1 and 5.4). An answer to disco#info is cached for other clients only if it has the announced hash;
/// otherwise one client could choose the features of all. The string does not mark where identities end and features or forms begin, so an ambiguous answer has no hash here:
/// one with a misplaced separator, and any with a form.
/// </summary>
public static class CapsHash
{
    private const int Base64Length = 28;

    /// <summary>Whether a text can be the base64 of a SHA-1.</summary>
    public static bool IsHash(string text)
    {
        if (text.Length != Base64Length || text[^1] != '=') return false;
        foreach (var c in text.AsSpan()[..^1])
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/')) return false;
        }

        return true;
    }

    /// <param name="query">The disco#info answer.</param>
    /// <param name="hash">The base64 of the SHA-1, as the attribute <c>ver</c> carries it.</param>
    /// <returns>False for an answer that is malformed or ambiguous.</returns>
    public static bool TryCompute(XmppElement query, out string hash)
    {
        hash = "";
        var identities = new SortedSet<string>(StringComparer.Ordinal);
        var features = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var child in query.Elements)
        {
            if (child.Namespace == Namespaces.DataForm) return false;
            if (child.Namespace != Namespaces.DiscoInfo) continue;
            if (child.Name == "identity")
            {
                var (category, type, language, name) = (child["category"] ?? "", child["type"] ?? "", child.Get("lang", Namespaces.Xml) ?? "", child["name"] ?? "");
                // A feature contains ':' or '/' where identities have neither, so that no feature can pass for an identity.
                if (category.Length == 0 || type.Length == 0 || !IsToken(category) || !IsToken(type) || !IsToken(language) || name.Contains('<', StringComparison.Ordinal)) return false;
                if (!identities.Add($"{category}/{type}/{language}/{name}")) return false;
            }
            else if (child.Name == "feature")
            {
                if (child["var"] is not { Length: > 0 } feature || feature.Contains('<', StringComparison.Ordinal) || features.Count == FocusLimits.Features || !features.Add(feature)) return false;
            }
        }

        var text = new StringBuilder();
        foreach (var part in identities.Concat(features)) text.Append(part).Append('<');
        hash = Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        return true;
    }

    private static bool IsToken(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) return false;
        }

        return true;
    }
}

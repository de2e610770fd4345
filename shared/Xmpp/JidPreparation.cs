using System.Globalization;
using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>
/// Preparation of JID parts (RFC 7622 section 3): width mapping, case mapping and normalisation form C for the local part
/// (UsernameCaseMapped, RFC 8265 section 3.3), the opaque string profile for the resource (RFC 8265 section 4.2), IDNA names for the domain.
/// </summary>
public static class JidPreparation
{
    public static bool TryLocal(string text, out string prepared)
    {
        prepared = "";
        if (text.Length == 0 || text.Length > XmppLimits.JidPartOctets || !IsWellFormed(text)) return false;
        if (IsPlainLower(text))
        {
            prepared = text;
            return true;
        }

        var mapped = Widths(text).ToLowerInvariant().Normalize(NormalizationForm.FormC);
        foreach (var rune in mapped.EnumerateRunes())
        {
            // RFC 7622 section 3.3.1: these would make the address ambiguous.
            if (rune.Value is '"' or '&' or '\'' or '/' or ':' or '<' or '>' or '@' or ' ') return false;
            if (!IsAllowed(rune, spaces: false)) return false;
        }

        prepared = mapped;
        return Fits(mapped);
    }

    public static bool TryResource(string text, out string prepared)
    {
        prepared = "";
        if (text.Length == 0 || text.Length > XmppLimits.JidPartOctets || !IsWellFormed(text)) return false;
        var builder = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsAllowed(rune, spaces: true)) return false;
            // RFC 8265 section 4.2.2: any other space becomes U+0020.
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator) builder.Append(' ');
            else builder.Append(rune.ToString());
        }

        prepared = builder.ToString().Normalize(NormalizationForm.FormC);
        return Fits(prepared);
    }

    public static bool TryDomain(string text, out string prepared)
    {
        prepared = "";
        if (text.EndsWith('.')) text = text[..^1];
        if (text.Length == 0 || text.Length > XmppLimits.JidPartOctets || !IsWellFormed(text)) return false;
        if (text[0] == '[')
        {
            if (!text.EndsWith(']') || !System.Net.IPAddress.TryParse(text, out _)) return false;
            prepared = text.ToLowerInvariant();
            return true;
        }

        var mapped = Widths(text).ToLowerInvariant().Normalize(NormalizationForm.FormC);
        foreach (var rune in mapped.EnumerateRunes())
        {
            if (rune.IsAscii && !(Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '.' or '_')) return false;
            if (!IsAllowed(rune, spaces: false)) return false;
        }

        if (mapped.StartsWith('.') || mapped.Contains("..", StringComparison.Ordinal)) return false;
        prepared = mapped;
        return Fits(mapped);
    }

    private static bool IsPlainLower(string text)
    {
        foreach (var c in text)
        {
            if (!(c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.')) return false;
        }

        return true;
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private static bool Fits(string text) => text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= XmppLimits.JidPartOctets;

    private static bool IsAllowed(Rune rune, bool spaces) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
        UnicodeCategory.SpaceSeparator => spaces,
        _ => true,
    };

    /// <summary>Full-width and half-width forms become their usual ones (RFC 8265 section 3.3.1).</summary>
    private static string Widths(string text)
    {
        var found = false;
        foreach (var c in text) found |= c is >= '\uFF00' and <= '\uFFEF';
        if (!found) return text;
        var builder = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is >= '\uFF00' and <= '\uFFEF') builder.Append(c.ToString().Normalize(NormalizationForm.FormKC));
            else builder.Append(c);
        }

        return builder.ToString();
    }
}

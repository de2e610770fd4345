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
            // RFC 7622 section 3.3.1: these characters would make the address ambiguous.
            if (rune.Value is '"' or '&' or '\'' or '/' or ':' or '<' or '>' or '@' or ' ') return false;
            if (!IsIdentifier(rune)) return false;
        }

        prepared = mapped;
        return Fits(mapped);
    }

    public static bool TryResource(string text, out string prepared)
    {
        prepared = "";
        if (text.Length == 0 || text.Length > XmppLimits.JidPartOctets || !IsWellFormed(text)) return false;
        if (!text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            prepared = text;
            return true;
        }

        var builder = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsFreeform(rune)) return false;
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
        if (IsPlainLower(text) && text[0] is not ('.' or '[') && !text.Contains("..", StringComparison.Ordinal) && text.AsSpan().IndexOfAny("[]+") < 0)
        {
            prepared = text;
            return true;
        }

        if (text[0] == '[')
        {
            if (!text.EndsWith(']') || !System.Net.IPAddress.TryParse(text, out _)) return false;
            prepared = text.ToLowerInvariant();
            return true;
        }

        var mapped = Widths(text).ToLowerInvariant().Normalize(NormalizationForm.FormC);
        foreach (var rune in mapped.EnumerateRunes())
        {
            if (rune.IsAscii && !(Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '.' or '_' or '%')) return false;
            if (!IsIdentifier(rune)) return false;
        }

        if (mapped.StartsWith('.') || mapped.Contains("..", StringComparison.Ordinal)) return false;
        prepared = mapped;
        return Fits(mapped);
    }

    private static bool IsPlainLower(string text)
    {
        foreach (var c in text)
        {
            if (!(c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_' or '.' or '[' or ']' or '%' or '+')) return false;
        }

        return true;
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            // string.Normalize throws for this noncharacter, as for a lone surrogate.
            if (text[i] == '\uFFFE') return false;
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private static bool Fits(string text) => text.Length > 0 && Encoding.UTF8.GetByteCount(text) <= XmppLimits.JidPartOctets;

    /// <summary>FreeformClass (RFC 8264 section 4.3).</summary>
    private static bool IsFreeform(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
        _ => !IsInvisible(rune.Value),
    };

    /// <summary>
    /// IdentifierClass (RFC 8264 section 4.2): visible ASCII, letters, marks and digits of any script. Excluded are characters with a compatibility
    /// decomposition (section 9.17), invisible characters, and other symbols and punctuation.
    /// </summary>
    private static bool IsIdentifier(Rune rune)
    {
        if (rune.IsAscii) return rune.Value is > 0x20 and < 0x7F;
        if (IsInvisible(rune.Value)) return false;
        if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.ModifierLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)) return false;
        var text = rune.ToString();
        return text.Normalize(NormalizationForm.FormKC) == text;
    }

    /// <summary>Invisible letters and marks (RFC 8264 section 9.13, Default_Ignorable_Code_Point).</summary>
    private static bool IsInvisible(int code) =>
        code is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0100 and <= 0xE01EF);

    /// <summary>Maps full-width and half-width forms to their normal ones (RFC 8265 section 3.3.1).</summary>
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

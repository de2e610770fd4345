using System.Globalization;
using System.Text;

namespace JitsiMesh.Xmpp.Sasl;

/// <summary>
/// SASLprep (RFC 4013): the normalization that both peers apply to a name or password before they hash it. Without the rule for bidirectional text
/// (section 2.4), which only rejects input, and including code points that Unicode has assigned since.
/// </summary>
public static class SaslPrep
{
    /// <param name="text">A name or password.</param>
    /// <param name="prepared">Spaces mapped to U+0020, invisible characters removed, normalisation form KC.</param>
    /// <returns>False for a text with a prohibited character, such as a control character or a lone surrogate, and for a text of which nothing remains.</returns>
    public static bool TryPrepare(string text, out string prepared)
    {
        ArgumentNullException.ThrowIfNull(text);
        prepared = "";
        if (IsPlain(text))
        {
            prepared = text;
            return text.Length > 0;
        }

        var builder = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune)) return false;
            i += rune.Utf16SequenceLength;
            if (IsMappedToNothing(rune.Value)) continue;
            if (IsOtherSpace(rune.Value)) builder.Append(' ');
            else builder.Append(rune.ToString());
        }

        var normalised = builder.ToString();
        foreach (var rune in normalised.EnumerateRunes())
        {
            // Checked before normalisation, which throws for noncharacters, and again on its result.
            if (IsProhibited(rune)) return false;
        }

        normalised = normalised.Normalize(NormalizationForm.FormKC);
        foreach (var rune in normalised.EnumerateRunes())
        {
            if (IsProhibited(rune)) return false;
        }

        prepared = normalised;
        return normalised.Length > 0;
    }

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <summary>RFC 3454 table C.1.2. U+200B is also in table B.1, which RFC 4013 section 2.1 applies after this one.</summary>
    private static bool IsOtherSpace(int code) => code is 0x00A0 or 0x1680 or (>= 0x2000 and <= 0x200B) or 0x202F or 0x205F or 0x3000;

    /// <summary>RFC 3454 table B.1.</summary>
    private static bool IsMappedToNothing(int code) =>
        code is 0x00AD or 0x034F or 0x1806 or (>= 0x180B and <= 0x180D) or (>= 0x200C and <= 0x200D) or 0x2060 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;

    /// <summary>RFC 3454 tables C.2 to C.9, as listed in RFC 4013 section 2.3.</summary>
    private static bool IsProhibited(Rune rune)
    {
        var code = rune.Value;
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) return true;
        if ((code & 0xFFFE) == 0xFFFE || code is >= 0xFDD0 and <= 0xFDEF) return true;
        return code is 0x06DD or 0x070F or 0x180E or (>= 0x2061 and <= 0x2063) or (>= 0x206A and <= 0x206F) or (>= 0xFFF9 and <= 0xFFFD) or (>= 0x1D173 and <= 0x1D17A)
            or (>= 0x2FF0 and <= 0x2FFB) or 0x0340 or 0x0341 or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or 0xE0001 or (>= 0xE0020 and <= 0xE007F);
    }
}

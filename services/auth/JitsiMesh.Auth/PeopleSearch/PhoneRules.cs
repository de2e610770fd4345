using System.Text;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Normalizes written numbers for dialling.</summary>
/// <param name="Prefix">Prepended to numbers without an area code: the area code that may be omitted in local calls, with its country (+4930).</param>
/// <param name="CountryCode">Replaces the trunk prefix (+49); if empty, such numbers are kept unchanged.</param>
/// <param name="InternationalPrefix">Dialled before another country (00).</param>
/// <param name="TrunkPrefix">Dialled before another area of the same country (0).</param>
internal sealed record PhoneRules(string Prefix, string CountryCode, string InternationalPrefix, string TrunkPrefix)
{
    public static readonly PhoneRules Default = new("", "", "00", "0");

    /// <summary>Digits, with a leading plus if the country is known; null for an invalid number.</summary>
    public string? Normalise(string written)
    {
        var digits = new StringBuilder(written.Length);

        // "+49 (0)30 …": the digit in parentheses is dialled only within the country.
        foreach (var c in written.StartsWith('+') ? written.Replace("(0)", "", StringComparison.Ordinal) : written)
        {
            if (char.IsAsciiDigit(c) || (c == '+' && digits.Length == 0)) digits.Append(c);
            else if (c is not (' ' or '-' or '/' or '(' or ')' or '.' or '\u00A0' or '\u2011' or '\u2013')) return null;
        }

        var number = digits.ToString();
        if (number.TrimStart('+').Length is < 2 or > 20) return null;
        if (number[0] == '+') return number;
        if (InternationalPrefix.Length > 0 && number.StartsWith(InternationalPrefix, StringComparison.Ordinal)) return "+" + number[InternationalPrefix.Length..];
        if (TrunkPrefix.Length > 0 && number.StartsWith(TrunkPrefix, StringComparison.Ordinal)) return CountryCode.Length > 0 ? CountryCode + number[TrunkPrefix.Length..] : number;
        return Prefix + number;
    }
}

using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Jingle;

/// <summary>
/// The texts that a message may contain. They are safe for the SDP of other clients: no accepted text contains a line break, a
/// control character or a space, except the one between the two parts of an msid.
/// </summary>
public static class JingleText
{
    /// <summary>RFC 8839 section 5.4: letters, digits, '+' and '/'.</summary>
    public static bool IsIce(string? text, int minimum, int maximum)
    {
        if (text is null || text.Length < minimum || text.Length > maximum) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/')) return false;
        }

        return true;
    }

    /// <summary>
    /// A source's name: <c>a1b2c3d4-v0</c>, and <c>a1b2c3d4-a0.fr</c> for translated audio. Letters, digits, '_', '-' and '.'.
    /// </summary>
    public static bool IsSourceName(string text)
    {
        if (text.Length is 0 or > JingleLimits.SourceNameLength) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.')) return false;
        }

        return true;
    }

    /// <summary>
    /// RFC 8830 section 2: a stream, and after one space a track. Its token characters, and '/', ':' and '=', which random identifiers of
    /// some implementations contain.
    /// </summary>
    public static bool IsMsid(string text)
    {
        var part = 0;
        var spaces = 0;
        foreach (var c in text)
        {
            if (c == ' ')
            {
                if (part == 0 || ++spaces > 1) return false;
                part = 0;
                continue;
            }

            if (c is <= ' ' or > '~' or '"' or '(' or ')' or ',' or ';' or '<' or '>' or '?' or '@' or '[' or '\\' or ']') return false;
            if (++part > JingleLimits.MsidPartLength) return false;
        }

        return part > 0;
    }

    /// <summary>An IP address without a zone, or a host name: browsers use <c>….local</c> to hide their address.</summary>
    public static bool IsAddress(string? text)
    {
        if (text is null || text.Length is 0 or > JingleLimits.AddressLength) return false;
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal)
                && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')) return false;
        }

        return true;
    }

    /// <summary>
    /// RFC 8122 section 5: two upper-case hexadecimal digits for each octet of the hash, with colons. Lower-case digits are converted, and
    /// COMPAT(gst-meet): an octet with one digit gets a leading zero.
    /// </summary>
    /// <param name="hash">Its name in lower case: one of RFC 8122's.</param>
    public static bool TryFingerprint(string? hash, string value, out string name, out string normal)
    {
        name = hash is { Length: <= 8 } ? hash.ToLowerInvariant() : "";
        normal = "";
        var octets = name switch
        {
            "sha-1" => 20,
            "sha-224" => 28,
            "sha-256" => 32,
            "sha-384" => 48,
            "sha-512" => 64,
            _ => 0,
        };
        if (octets == 0 || value.Length > (octets * 3) - 1) return false;
        var result = new char[(octets * 3) - 1];
        var at = 0;
        var count = 0;
        foreach (var range in value.AsSpan().Split(':'))
        {
            var octet = value.AsSpan(range);
            if (++count > octets || octet.Length is 0 or > 2 || !char.IsAsciiHexDigit(octet[0]) || !char.IsAsciiHexDigit(octet[^1])) return false;
            if (at > 0) result[at++] = ':';
            result[at++] = octet.Length == 1 ? '0' : char.ToUpperInvariant(octet[0]);
            result[at++] = char.ToUpperInvariant(octet[^1]);
        }

        if (count != octets) return false;
        normal = new string(result);
        return true;
    }
}

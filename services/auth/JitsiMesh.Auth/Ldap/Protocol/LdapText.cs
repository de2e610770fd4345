using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace JitsiMesh.Auth.Ldap.Protocol;

/// <summary>Text in LDAP: strict UTF-8, and values escaped for a filter (RFC 4515) or a name (RFC 4514).</summary>
internal static class LdapText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }

    /// <summary>Escapes a value for a filter (RFC 4515 section 3), so that none of it is syntax.</summary>
    public static string EscapeForFilter(string value)
    {
        var builder = new StringBuilder(value.Length);
        foreach (var c in value)
        {
            if (c is '*' or '(' or ')' or '\\' or < ' ') builder.Append(CultureInfo.InvariantCulture, $"\\{(int)c:x2}");
            else builder.Append(c);
        }

        return builder.ToString();
    }

    /// <summary>Escapes a value for a distinguished name (RFC 4514 section 2.4), so that none of it is syntax.</summary>
    public static string EscapeForName(string value)
    {
        var builder = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            var edge = (c == ' ' && (i == 0 || i == value.Length - 1)) || (c == '#' && i == 0);
            if (c < ' ') builder.Append(CultureInfo.InvariantCulture, $"\\{(int)c:x2}");
            else if (edge || c is '"' or '+' or ',' or ';' or '<' or '>' or '\\' or '=') builder.Append('\\').Append(c);
            else builder.Append(c);
        }

        return builder.ToString();
    }

    /// <summary>
    /// A normalized name, in which all spellings of a name are equal: lower case, no blanks around the separators, characters instead of hexadecimal pairs. Values
    /// that a server compares case-sensitively count as equal: group names do not differ in case only.
    /// </summary>
    public static string ComparableName(string name)
    {
        var builder = new StringBuilder(name.Length);
        var escaped = false;
        var pending = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (escaped)
            {
                escaped = false;
                builder.Append(' ', pending);
                pending = 0;
                if (i + 1 < name.Length && char.IsAsciiHexDigit(c) && char.IsAsciiHexDigit(name[i + 1]))
                {
                    i = AppendOctets(builder, name, i);
                    continue;
                }

                builder.Append('\\').Append(c);
            }
            else if (c == '\\')
            {
                escaped = true;
            }
            else if (c == ' ')
            {
                pending++;
            }
            else
            {
                var separates = c is ',' or '=' or '+' or ';';
                var follows = builder.Length > 0 && builder[^1] is ',' or '=' or '+' && (builder.Length < 2 || builder[^2] != '\\');
                if (!separates && !follows && builder.Length > 0) builder.Append(' ', pending);
                pending = 0;
                builder.Append(c == ';' ? ',' : c);
            }
        }

        return builder.ToString().ToLowerInvariant();
    }

    // A run of pairs is one UTF-8 sequence. Separator characters keep a backslash.
    private static int AppendOctets(StringBuilder builder, string name, int at)
    {
        var octets = new List<byte>();
        while (true)
        {
            octets.Add(Convert.FromHexString(name.AsSpan(at, 2))[0]);
            at += 2;
            if (at + 2 >= name.Length || name[at] != '\\' || !char.IsAsciiHexDigit(name[at + 1]) || !char.IsAsciiHexDigit(name[at + 2])) break;
            at++;
        }

        foreach (var c in Encoding.UTF8.GetString([.. octets]))
        {
            if (c is '"' or '+' or ',' or ';' or '<' or '>' or '\\' or '=') builder.Append('\\');
            builder.Append(c);
        }

        return at - 1;
    }
}

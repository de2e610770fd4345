using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace JitsiMesh.Auth.Ldap.Protocol;

/// <summary>The text form of filters (RFC 4515 section 3). A single condition may omit its parentheses, as in Jitsi's own default.</summary>
internal sealed class LdapFilterParser
{
    private readonly string _text;
    private int _at;
    private int _parts;

    public LdapFilterParser(string text)
    {
        var trimmed = text.Trim();
        _text = trimmed.StartsWith('(') ? trimmed : $"({trimmed})";
    }

    public bool TryParse([NotNullWhen(true)] out LdapFilter? filter)
    {
        filter = null;
        if (_text.Length > LdapLimits.FilterCharacters) return false;
        filter = Read(0);
        return filter is not null && _at == _text.Length;
    }

    private LdapFilter? Read(int depth)
    {
        if (depth >= LdapLimits.FilterDepth || ++_parts > LdapLimits.FilterParts || !Take('(')) return null;
        LdapFilter? filter = Peek() switch
        {
            '&' => ReadGroup(0, depth),
            '|' => ReadGroup(1, depth),
            '!' => ReadNot(depth),
            _ => ReadItem(),
        };
        return filter is not null && Take(')') ? filter : null;
    }

    private LdapFilter.Group? ReadGroup(int tag, int depth)
    {
        _at++;
        var parts = new List<LdapFilter>();
        while (Peek() == '(')
        {
            if (Read(depth + 1) is not { } part) return null;
            parts.Add(part);
        }

        return parts.Count > 0 ? new LdapFilter.Group(tag, parts) : null;
    }

    private LdapFilter.Not? ReadNot(int depth)
    {
        _at++;
        return Read(depth + 1) is { } part ? new LdapFilter.Not(part) : null;
    }

    private LdapFilter? ReadItem()
    {
        var end = _text.IndexOfAny(['(', ')'], _at);
        var equals = _text.IndexOf('=', _at);
        if (end < 0 || equals < 0 || equals > end) return null;
        var left = _text[_at..equals];
        var right = _text[(equals + 1)..end];
        _at = end;
        if (left.Length == 0) return null;
        return left[^1] switch
        {
            '>' => Compare(5, left[..^1], right),
            '<' => Compare(6, left[..^1], right),
            '~' => Compare(8, left[..^1], right),
            ':' => Extend(left[..^1], right),
            _ when right == "*" => IsAttribute(left) ? new LdapFilter.Present(left) : null,
            _ when right.Contains('*', StringComparison.Ordinal) => Split(left, right),
            _ => Compare(3, left, right),
        };
    }

    private static LdapFilter.Comparison? Compare(int tag, string attribute, string value) =>
        IsAttribute(attribute) && TryUnescape(value, out var bytes) ? new LdapFilter.Comparison(tag, attribute, bytes) : null;

    private static LdapFilter.Substrings? Split(string attribute, string value)
    {
        if (!IsAttribute(attribute)) return null;
        var pieces = new List<byte[]>();
        foreach (var piece in value.Split('*'))
        {
            if (!TryUnescape(piece, out var bytes)) return null;
            pieces.Add(bytes);
        }

        var middle = pieces[1..^1];
        if (middle.Any(piece => piece.Length == 0)) return null;
        return new LdapFilter.Substrings(attribute, pieces[0].Length > 0 ? pieces[0] : null, middle, pieces[^1].Length > 0 ? pieces[^1] : null);
    }

    // attr[:dn][:rule]:=value, or [:dn]:rule:=value. The colon before the equals sign is already removed.
    private static LdapFilter.Extensible? Extend(string left, string value)
    {
        var parts = left.Split(':');
        var attribute = parts[0].Length > 0 ? parts[0] : null;
        var rest = parts[1..].ToList();
        var names = rest.RemoveAll(part => string.Equals(part, "dn", StringComparison.OrdinalIgnoreCase)) > 0;
        if (rest.Count > 1 || (attribute is null && rest.Count == 0) || rest.Any(rule => !IsAttribute(rule))) return null;
        if (attribute is not null && !IsAttribute(attribute)) return null;
        return TryUnescape(value, out var bytes) ? new LdapFilter.Extensible(attribute, rest.FirstOrDefault(), names, bytes) : null;
    }

    // A description or a number, with options (RFC 4512 section 2.5).
    private static bool IsAttribute(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ';' or '_');

    private static bool TryUnescape(string text, out byte[] bytes)
    {
        bytes = [];
        var result = new MemoryStream(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 2 : 1;
                result.Write(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                i += length - 1;
                continue;
            }

            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])) return false;
            result.WriteByte(Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }

        bytes = result.ToArray();
        return true;
    }

    private char Peek() => _at < _text.Length ? _text[_at] : '\0';

    private bool Take(char c)
    {
        if (Peek() != c || _at >= _text.Length) return false;
        _at++;
        return true;
    }
}

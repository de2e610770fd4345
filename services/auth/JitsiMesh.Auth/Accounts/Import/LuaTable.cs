using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace JitsiMesh.Auth.Accounts.Import;

/// <summary>
/// Parses the one form that Prosody's datamanager writes: <c>return { ["key"] = value; … };</c> with strings, numbers, booleans and tables of the same form. No code is executed. Characters
/// are octets (Latin-1), as in Lua.
/// </summary>
internal ref struct LuaTable
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private LuaTable(ReadOnlySpan<char> text) => _text = text;

    /// <param name="text">The file, one character for each octet.</param>
    /// <param name="values">Strings, doubles and booleans by key; nested tables are skipped.</param>
    public static bool TryRead(ReadOnlySpan<char> text, [NotNullWhen(true)] out Dictionary<string, object>? values)
    {
        var reader = new LuaTable(text);
        values = null;
        if (!reader.TryWord("return") || !reader.TryTable(0, out values)) return false;
        _ = reader.TryTake(';');
        reader.SkipSpace();
        return reader._at == text.Length;
    }

    private bool TryTable(int depth, [NotNullWhen(true)] out Dictionary<string, object>? values)
    {
        values = null;
        if (depth > ImportLimits.Depth || !TryTake('{')) return false;
        var found = new Dictionary<string, object>(StringComparer.Ordinal);
        var index = 0;
        while (!TryTake('}'))
        {
            var key = (++index).ToString(CultureInfo.InvariantCulture);
            if (TryTake('['))
            {
                if (!TryValue(depth, out var name) || name is Dictionary<string, object> || !TryTake(']') || !TryTake('=')) return false;
                key = Convert.ToString(name, CultureInfo.InvariantCulture)!;
            }
            else if (TryName(out var name))
            {
                if (!TryTake('=')) return false;
                key = name;
            }

            if (!TryValue(depth, out var value)) return false;
            found[key] = value;
            if (TryTake(';') || TryTake(',')) continue;
            if (!TryTake('}')) return false;
            break;
        }

        values = found;
        return true;
    }

    private bool TryValue(int depth, [NotNullWhen(true)] out object? value)
    {
        value = null;
        SkipSpace();
        if (_at >= _text.Length) return false;
        switch (_text[_at])
        {
            case '"' or '\'':
                if (!TryString(out var text)) return false;
                value = text;
                return true;
            case '{':
                if (!TryTable(depth + 1, out var table)) return false;
                value = table;
                return true;
            case 't' or 'f':
                var isTrue = TryWord("true");
                if (!isTrue && !TryWord("false")) return false;
                value = isTrue;
                return true;
            default:
                var end = _at;
                while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] is '.' or '-' or '+')) end++;
                if (!double.TryParse(_text[_at..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return false;
                _at = end;
                value = number;
                return true;
        }
    }

    private bool TryString([NotNullWhen(true)] out string? value)
    {
        value = null;
        var quote = _text[_at++];
        var builder = new StringBuilder();
        while (_at < _text.Length && _text[_at] != quote)
        {
            var c = _text[_at++];
            if (c != '\\') builder.Append(c);
            else if (!TryEscape(builder)) return false;
        }

        if (_at >= _text.Length) return false;
        _at++;
        value = builder.ToString();
        return true;
    }

    // Lua 5.1 reference manual, section 2.1.
    private bool TryEscape(StringBuilder builder)
    {
        if (_at >= _text.Length) return false;
        var c = _text[_at++];
        switch (c)
        {
            case 'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v':
                builder.Append("\a\b\f\n\r\t\v"["abfnrtv".IndexOf(c, StringComparison.Ordinal)]);
                return true;
            case 'x':
                if (_at + 2 > _text.Length || !byte.TryParse(_text.Slice(_at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex)) return false;
                _at += 2;
                builder.Append((char)hex);
                return true;
            case >= '0' and <= '9':
                var end = _at;
                while (end < _text.Length && end < _at + 2 && char.IsAsciiDigit(_text[end])) end++;
                if (!byte.TryParse(_text[(_at - 1)..end], NumberStyles.None, CultureInfo.InvariantCulture, out var code)) return false;
                _at = end;
                builder.Append((char)code);
                return true;
            default:
                builder.Append(c);
                return !char.IsAsciiLetter(c);
        }
    }

    private bool TryName([NotNullWhen(true)] out string? name)
    {
        SkipSpace();
        var end = _at;
        while (end < _text.Length && (char.IsAsciiLetterOrDigit(_text[end]) || _text[end] == '_')) end++;
        name = _text[_at..end].ToString();
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || name is "true" or "false") return false;
        _at = end;
        return true;
    }

    private bool TryWord(string word)
    {
        SkipSpace();
        if (!_text[_at..].StartsWith(word, StringComparison.Ordinal)) return false;
        _at += word.Length;
        return true;
    }

    private bool TryTake(char c)
    {
        SkipSpace();
        if (_at >= _text.Length || _text[_at] != c) return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] is ' ' or '\t' or '\r' or '\n')
            {
                _at++;
            }
            else if (_text[_at..].StartsWith("--", StringComparison.Ordinal))
            {
                while (_at < _text.Length && _text[_at] != '\n') _at++;
            }
            else
            {
                return;
            }
        }
    }
}

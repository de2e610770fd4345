using JitsiMesh.Hosting.Settings.Files;

namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// Reads <c>NAME=value</c> lines as docker compose does (the compose specification, "Env_file format"): blank lines and lines that begin with '#' say nothing,
/// <c>export</c> before the name is allowed, and so is a colon in place of the equals sign; an unquoted value ends before <c> #</c>; a quoted one may hold
/// line breaks, in double quotes with the escapes of a shell, in single quotes as it is; and outside of single quotes <c>$NAME</c> and <c>${NAME}</c> are put in
/// (<see cref="EnvVariables"/>). One thing is refused that compose passes over: text after a closing quote, which would be lost without a sign.
/// </summary>
public static class EnvFile
{
    /// <param name="text">The file's content.</param>
    /// <param name="values">Later lines win.</param>
    /// <param name="badLine">The number of the first line that is none of these, or 0.</param>
    public static bool TryParse(string text, out IReadOnlyDictionary<string, string> values, out int badLine)
    {
        var read = Read(text);
        values = read.Values.ToDictionary(pair => pair.Key, pair => pair.Value.Text, StringComparer.Ordinal);
        badLine = read.BadLine;
        return read.Problem is null;
    }

    /// <param name="text">The file's content.</param>
    /// <param name="environment">The process's variables, which win over the file's own in <c>${NAME}</c>; none when null.</param>
    public static EnvFileText Read(string text, Func<string, string?>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new Reader(text.TrimStart('\uFEFF'), environment ?? (static _ => null)).Read();
    }

    private sealed class Reader(string text, Func<string, string?> environment)
    {
        private readonly Dictionary<string, EnvFileValue> _values = new(StringComparer.Ordinal);
        private readonly List<(string Name, string Variable, int Line)> _blanks = [];
        private int _at;
        private int _line = 1;

        public EnvFileText Read()
        {
            while (SkipToName())
            {
                var line = _line;
                if (!TryReadName(out var name, out var hasValue, out var problem) || (hasValue && !TryReadValue(name, line, out problem)))
                {
                    return new EnvFileText(new Dictionary<string, EnvFileValue>(), line, problem, []);
                }

                // A name alone hands the environment's value on.
                if (!hasValue && environment(name) is { } given) _values[name] = new EnvFileValue(given, line);
            }

            return new EnvFileText(_values, 0, null, _blanks);
        }

        private bool SkipToName()
        {
            while (_at < text.Length)
            {
                if (text[_at] == '#') SkipLine();
                else if (char.IsWhiteSpace(text[_at])) Step();
                else return true;
            }

            return false;
        }

        private bool TryReadName(out string name, out bool hasValue, out string? problem)
        {
            hasValue = false;
            problem = null;
            if (string.CompareOrdinal(text, _at, "export", 0, 6) == 0 && _at + 6 < text.Length && IsBlank(text[_at + 6]))
            {
                _at += 6;
                SkipBlanks();
            }

            var from = _at;
            while (_at < text.Length && text[_at] is not ('=' or ':' or '\n')) _at++;
            name = text[from.._at].Trim();
            if (name.Length == 0 || !name.All(c => char.IsLetterOrDigit(c) || c is '_' or '.' or '-' or '[' or ']'))
            {
                problem = name.Any(char.IsWhiteSpace) ? "has a name with a blank in it" : "is not NAME=value";
                return false;
            }

            hasValue = _at < text.Length && text[_at] != '\n';
            if (hasValue) _at++;
            return true;
        }

        private bool TryReadValue(string name, int line, out string? problem)
        {
            SkipBlanks();
            if (_at >= text.Length || text[_at] is not ('"' or '\'')) return TryKeep(name, line, Unquoted(), expand: true, out problem);
            var quote = text[_at];
            if (Quoted(quote) is not { } value)
            {
                problem = "begins a quoted value that does not end";
                return false;
            }

            SkipBlanks();
            if (_at < text.Length && text[_at] is not ('\n' or '#'))
            {
                problem = "has text after the closing quote";
                return false;
            }

            return TryKeep(name, line, quote == '"' ? EnvVariables.Unescape(value) : value, expand: quote == '"', out problem);
        }

        private bool TryKeep(string name, int line, string value, bool expand, out string? problem)
        {
            problem = null;
            if (expand)
            {
                var before = _blanks.Count;
                if (!EnvVariables.TryExpand(value, ValueOf, variable => _blanks.Add((name, variable, line)), out value, out problem)) return false;
                if (_blanks.Count > before + EnvFileLimits.Nesting) _blanks.RemoveRange(before + EnvFileLimits.Nesting, _blanks.Count - before - EnvFileLimits.Nesting);
            }

            if (value.Length > EnvFileLimits.ValueLength)
            {
                problem = FormattableString.Invariant($"has a value of more than {EnvFileLimits.ValueLength} characters");
                return false;
            }

            _values[name] = new EnvFileValue(value, line);
            return true;
        }

        private string? ValueOf(string name) => environment(name) ?? (_values.TryGetValue(name, out var value) ? value.Text : null);

        private string Unquoted()
        {
            var from = _at;
            while (_at < text.Length && text[_at] != '\n') _at++;
            var value = text[from.._at];
            var comment = value.IndexOf(" #", StringComparison.Ordinal);
            return (comment < 0 ? value : value[..comment]).TrimEnd();
        }

        // A backslash keeps the quote that follows it, and stays before anything else. Null when nothing ends it.
        private string? Quoted(char quote)
        {
            var value = new System.Text.StringBuilder();
            var escaped = false;
            for (Step(); _at < text.Length; Step())
            {
                var c = text[_at];
                if (c == quote && !escaped)
                {
                    _at++;
                    return value.ToString();
                }

                if (c == '\\' && !escaped)
                {
                    escaped = true;
                    continue;
                }

                if (escaped && c != quote) value.Append('\\');
                escaped = false;
                value.Append(c);
            }

            return null;
        }

        private void Step()
        {
            if (text[_at++] == '\n') _line++;
        }

        private void SkipLine()
        {
            while (_at < text.Length && text[_at] != '\n') _at++;
        }

        private void SkipBlanks()
        {
            while (_at < text.Length && IsBlank(text[_at])) _at++;
        }

        private static bool IsBlank(char c) => c is '\t' or '\v' or '\f' or '\r' or ' ' or '\u0085' or '\u00A0';
    }
}

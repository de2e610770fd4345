using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace JitsiMesh.Hosting.Settings.Files;

/// <summary>
/// Variables in the values of a <c>.env</c> file (the compose specification, "Interpolation"): <c>$NAME</c>, <c>${NAME}</c>, <c>${NAME:-text}</c> where it is unset
/// or empty, <c>${NAME-text}</c> where it is unset, <c>${NAME:+text}</c> and <c>${NAME+text}</c> where it is set, <c>${NAME:?text}</c> and <c>${NAME?text}</c>
/// for one that must be; <c>$$</c> is a dollar sign, and one before anything else stays.
/// </summary>
internal static class EnvVariables
{
    /// <param name="text">The value as it is written.</param>
    /// <param name="valueOf">A variable's value, or null where it is unset.</param>
    /// <param name="blank">Called with each name that is unset and counts as empty.</param>
    /// <param name="expanded">The value.</param>
    /// <param name="problem">Why there is none, as the end of the sentence "line N …".</param>
    public static bool TryExpand(string text, Func<string, string?> valueOf, Action<string> blank, out string expanded, [NotNullWhen(false)] out string? problem) =>
        TryExpand(text, valueOf, blank, 0, out expanded, out problem);

    /// <summary>The escapes of a shell in double quotes; a backslash before a dollar sign makes it one of the text's own.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i] == '\\' && i + 1 < text.Length ? text[i + 1] : '\0';
            if (Single(next) is { } plain)
            {
                result.Append(plain);
                i++;
            }
            else if (next == '0' && Octal(text.AsSpan(i + 2)) is { } code)
            {
                result.Append(code);
                i += 4;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    private static string? Single(char c) => c switch
    {
        'a' => "\a",
        'b' => "\b",
        'f' => "\f",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\v",
        '"' => "\"",
        '\\' => "\\",
        '$' => "$$",
        _ => null,
    };

    // \0 and three octal digits.
    private static char? Octal(ReadOnlySpan<char> digits)
    {
        if (digits.Length < 3) return null;
        var code = 0;
        foreach (var c in digits[..3])
        {
            if (c is < '0' or > '7') return null;
            code = (code * 8) + (c - '0');
        }

        return code <= byte.MaxValue ? (char)code : null;
    }

    private static bool TryExpand(string text, Func<string, string?> valueOf, Action<string> blank, int depth, out string expanded, [NotNullWhen(false)] out string? problem)
    {
        expanded = text;
        problem = null;
        if (!text.Contains('$', StringComparison.Ordinal)) return true;
        if (depth > EnvFileLimits.Nesting)
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"has more than {EnvFileLimits.Nesting} defaults inside each other");
            return false;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var next = text[i] == '$' && i + 1 < text.Length ? text[i + 1] : '\0';
            if (next == '$')
            {
                result.Append('$');
                i += 2;
            }
            else if (next == '{')
            {
                var end = Closing(text, i + 1);
                if (end < 0)
                {
                    problem = "begins ${ without a name and }; $$ stands for a dollar sign";
                    return false;
                }

                if (!TryBraced(text[(i + 2)..end], valueOf, blank, depth, out var value, out problem)) return false;
                result.Append(value);
                i = end + 1;
            }
            else if (IsNameStart(next))
            {
                var end = NameEnd(text, i + 1);
                result.Append(Plain(text[(i + 1)..end], valueOf, blank));
                i = end;
            }
            else
            {
                result.Append(text[i++]);
            }

            if (result.Length <= EnvFileLimits.ValueLength) continue;
            problem = string.Create(CultureInfo.InvariantCulture, $"has a value of more than {EnvFileLimits.ValueLength} characters");
            return false;
        }

        expanded = result.ToString();
        return true;
    }

    // The text between the braces: a name, then nothing or one of the six operators with its text.
    private static bool TryBraced(string inner, Func<string, string?> valueOf, Action<string> blank, int depth, out string value, [NotNullWhen(false)] out string? problem)
    {
        value = "";
        problem = null;
        var end = inner.Length > 0 && IsNameStart(inner[0]) ? NameEnd(inner, 0) : 0;
        var name = inner[..end];
        var orEmpty = end < inner.Length && inner[end] == ':';
        var at = orEmpty ? end + 1 : end;
        if (end == 0 || (end < inner.Length && (at >= inner.Length || inner[at] is not ('-' or '+' or '?'))))
        {
            problem = "has ${ } with something else than a name, and :-, -, :+, +, :? or ? after it; $$ stands for a dollar sign";
            return false;
        }

        if (end == inner.Length)
        {
            value = Plain(name, valueOf, blank);
            return true;
        }

        var given = valueOf(name);
        var isSet = given is not null && (!orEmpty || given.Length > 0);
        switch (inner[at])
        {
            case '-' when !isSet:
            case '+' when isSet:
                return TryExpand(inner[(at + 1)..], valueOf, blank, depth + 1, out value, out problem);
            case '?' when !isSet:
                problem = $"needs {name}, which is not set";
                return false;
            case '+':
                return true;
            default:
                value = given!;
                return true;
        }
    }

    private static string Plain(string name, Func<string, string?> valueOf, Action<string> blank)
    {
        if (valueOf(name) is { } value) return value;
        blank(name);
        return "";
    }

    // The closing brace for this position; those of defaults may lie in between.
    private static int Closing(string text, int open)
    {
        var depth = 0;
        for (var i = open; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '{') depth++;
            else if (text[i] == '}' && --depth == 0) return i;
        }

        return -1;
    }

    private static int NameEnd(string text, int from)
    {
        var end = from;
        while (end < text.Length && (IsNameStart(text[end]) || char.IsAsciiDigit(text[end]))) end++;
        return end;
    }

    private static bool IsNameStart(char c) => c == '_' || char.IsAsciiLetter(c);
}

using System.Text;
using System.Text.RegularExpressions;

namespace JitsiMesh.Signalling.Modules.TokenVerification;

/// <summary>
/// A token's pattern of rooms (<c>context.room.regex</c>): Jitsi's are Lua's, people write regular expressions. Both are read: <c>%a %d %l %s %u %w %x %p %c</c> with their capital opposites,
/// <c>%</c> before a sign, <c>.</c>, sets, <c>* + ?</c>, and Lua's lazy <c>-</c> after a <c>.</c>, a class or a set (a dash after a plain letter is a dash); beside these alternatives, groups and
/// counts of .NET. It matches the whole name or nothing, ignoring case, in a time that grows with the name alone (no backtracking).
/// </summary>
internal static class RoomPattern
{
    /// <summary>Classes of Lua 5.4 section 6.4.1, as the inside of a set of .NET; the capital letter is the opposite.</summary>
    private static readonly Dictionary<char, string> Classes = new()
    {
        ['a'] = "a-zA-Z",
        ['d'] = "0-9",
        ['l'] = "a-z",
        ['s'] = @"\s",
        ['u'] = "A-Z",
        ['w'] = "a-zA-Z0-9",
        ['x'] = "0-9a-fA-F",
        ['p'] = @"!-/:-@\[-`{-~",
        ['c'] = @"\x00-\x1f\x7f",
    };

    /// <returns>Null for a pattern that is too long or means nothing.</returns>
    public static bool? Matches(string pattern, string name)
    {
        if (pattern.Length is 0 or > SignallingLimits.RoomPatternLength || Translate(pattern) is not { } expression) return null;
        try
        {
            return Regex.IsMatch(name, $@"\A(?:{expression})\z", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            // No expression, or one that only backtracking could match.
            return null;
        }
    }

    private static string? Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length * 2);
        var afterClass = false;
        var end = pattern.EndsWith('$') && !pattern.EndsWith("%$", StringComparison.Ordinal) && !pattern.EndsWith("\\$", StringComparison.Ordinal) ? pattern.Length - 1 : pattern.Length;
        for (var i = pattern[0] == '^' ? 1 : 0; i < end; i++)
        {
            var c = pattern[i];
            var isClass = false;
            switch (c)
            {
                case '%' when i + 1 < end && Class(pattern[i + 1]) is { } one:
                    text.Append(one);
                    isClass = true;
                    i++;
                    break;
                // %b, %f and %1 have no counterpart.
                case '%' when i + 1 < end && !char.IsAsciiLetterOrDigit(pattern[i + 1]):
                    text.Append(Regex.Escape(pattern[++i].ToString()));
                    break;
                case '%':
                    return null;
                case '\\' when i + 1 < end:
                    text.Append(c).Append(pattern[++i]);
                    break;
                case '[':
                    if (Set(pattern, ref i, end) is not { } set) return null;
                    text.Append(set);
                    isClass = true;
                    break;
                case '-':
                    text.Append(afterClass ? "*?" : "-");
                    break;
                case '^' or '$' or '#':
                    text.Append('\\').Append(c);
                    break;
                default:
                    text.Append(c);
                    isClass = c == '.';
                    break;
            }

            afterClass = isClass;
        }

        return text.ToString();
    }

    private static string? Class(char letter) =>
        Classes.TryGetValue(char.ToLowerInvariant(letter), out var members) ? (char.IsAsciiLetterUpper(letter) ? $"[^{members}]" : $"[{members}]") : null;

    // Ends on the bracket that closes it. A first ']' stands for itself, as in Lua.
    private static string? Set(string pattern, ref int i, int end)
    {
        var text = new StringBuilder("[");
        var at = i + 1;
        if (at < end && pattern[at] == '^') text.Append(pattern[at++]);
        for (var first = at; at < end; at++)
        {
            var c = pattern[at];
            if (c == ']' && at > first)
            {
                i = at;
                return text.Append(']').ToString();
            }

            if (c == '%' && at + 1 < end)
            {
                var next = pattern[++at];
                // The opposite of a class inside of a set has no plain counterpart.
                if (Classes.TryGetValue(next, out var members)) text.Append(members);
                else if (char.IsAsciiLetterOrDigit(next)) return null;
                else text.Append('\\').Append(next);
            }
            else if (c == '\\' && at + 1 < end)
            {
                text.Append(c).Append(pattern[++at]);
            }
            else
            {
                if (c is '[' or ']') text.Append('\\');
                text.Append(c);
            }
        }

        return null;
    }
}

using System.Text;
using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>A type of a file and the lines from its declaration to its end; types inside of it belong to it.</summary>
internal readonly record struct TypeExtent(string Name, int FirstLine, int LastLine)
{
    public int Lines => LastLine - FirstLine + 1;
}

/// <summary>C# as far as the checks of the tree need it: what is code and what is not, and where types begin and end.</summary>
internal static partial class CSharpText
{
    /// <summary>The text without comments and what stands in literals; line breaks stay, so that line numbers do.</summary>
    public static string WithoutCommentsAndLiterals(string text)
    {
        var code = new StringBuilder(text.Length);
        var at = 0;
        while (at < text.Length)
        {
            var end = EndOfNonCode(text, at);
            if (end == at)
            {
                code.Append(text[at++]);
                continue;
            }

            if (text[at] != '/') code.Append("\"\"");
            code.Append('\n', text.AsSpan(at, end - at).Count('\n'));
            at = end;
        }

        return code.ToString();
    }

    public static string? Namespace(string code) => NamespaceName().Match(code) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The outermost types of a text that <see cref="WithoutCommentsAndLiterals"/> made.</summary>
    public static IReadOnlyList<TypeExtent> Types(string code)
    {
        var types = new List<TypeExtent>();
        var outermost = BlockNamespace().IsMatch(code) ? 1 : 0;
        var (braces, brackets, line, counted) = (0, 0, 1, 0);
        TypeExtent? open = null;
        foreach (Match token in Token().Matches(code))
        {
            line += code.AsSpan(counted, token.Index - counted).Count('\n');
            counted = token.Index;
            switch (token.Value)
            {
                case "{":
                    braces++;
                    break;
                case "}":
                    braces--;
                    break;
                case "(":
                    brackets++;
                    break;
                case ")":
                    brackets--;
                    break;
            }

            if (token.Groups[1].Success && open is null && braces == outermost && brackets == 0) open = new TypeExtent(token.Groups[1].Value, line, line);
            if (token.Value is not ("}" or ";") || open is not { } type || braces != outermost || brackets != 0) continue;
            types.Add(type with { LastLine = line });
            open = null;
        }

        return types;
    }

    // The end of the comment or literal that begins here; where none does, the same place.
    private static int EndOfNonCode(string text, int at)
    {
        switch (text[at])
        {
            case '/' when Has(text, at, "//"):
                return IndexOrEnd(text, "\n", at);
            case '/' when Has(text, at, "/*"):
                return Math.Min(text.Length, IndexOrEnd(text, "*/", at) + 2);
            case '\'':
                var character = CharacterLiteral().Match(text, at);
                return character.Success ? at + character.Length : at;
            case '"' or '$' or '@':
                var quote = OpeningQuote().Match(text, at);
                if (!quote.Success) return at;
                var isRaw = quote.Groups[2].Length >= 3 && !quote.Groups[1].Value.Contains('@');
                return isRaw ? EndOfRawString(text, at + quote.Length, quote.Groups[2].Value) : EndOfString(text, at, quote.Groups[1].Value);
            default:
                return at;
        }
    }

    private static int EndOfRawString(string text, int at, string quotes)
    {
        var end = Math.Min(text.Length, IndexOrEnd(text, quotes, at) + quotes.Length);
        while (end < text.Length && text[end] == '"') end++;
        return end;
    }

    private static int EndOfString(string text, int at, string prefix)
    {
        var (verbatim, interpolated) = (prefix.Contains('@'), prefix.Contains('$'));
        at += prefix.Length + 1;
        while (at < text.Length && (text[at] != '"' || (verbatim && Has(text, at, "\"\""))))
        {
            if (!verbatim && text[at] == '\\') at += 2;
            else if (verbatim && text[at] == '"') at += 2;
            else if (interpolated && text[at] == '{' && !Has(text, at, "{{")) at = EndOfHole(text, at + 1);
            else at += interpolated && Has(text, at, "{{") ? 2 : 1;
        }

        return Math.Min(text.Length, at + 1);
    }

    private static int EndOfHole(string text, int at)
    {
        for (var depth = 1; at < text.Length && depth > 0;)
        {
            var end = EndOfNonCode(text, at);
            if (end == at)
            {
                depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
                end++;
            }

            at = end;
        }

        return at;
    }

    private static bool Has(string text, int at, string what) => string.CompareOrdinal(text, at, what, 0, what.Length) == 0;

    private static int IndexOrEnd(string text, string what, int from) => text.IndexOf(what, from, StringComparison.Ordinal) is >= 0 and var found ? found : text.Length;

    [GeneratedRegex(@"\G'(\\[^'\n]+|[^'\\\n])'|\G'\\''")]
    private static partial Regex CharacterLiteral();

    [GeneratedRegex(@"\G([$@]*)(""""""+|"")")]
    private static partial Regex OpeningQuote();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceName();

    [GeneratedRegex(@"^namespace\s+[\w.]+\s*\{", RegexOptions.Multiline)]
    private static partial Regex BlockNamespace();

    [GeneratedRegex(@"[{}();]|\b(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+([A-Z]\w*)")]
    private static partial Regex Token();
}

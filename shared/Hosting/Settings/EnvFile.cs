namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// Reads <c>NAME=value</c> lines as docker compose does: blank lines and lines that begin with '#' say nothing, <c>export</c> before the name
/// is allowed, one pair of quotes is taken off, after which a comment may follow and nothing else, and an unquoted value ends before <c> #</c>.
/// </summary>
public static class EnvFile
{
    /// <param name="text">The file's content.</param>
    /// <param name="values">Later lines win.</param>
    /// <param name="badLine">The number of the first line that is none of these, or 0.</param>
    public static bool TryParse(string text, out IReadOnlyDictionary<string, string> values, out int badLine)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        values = result;
        badLine = 0;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.StartsWith("export ", StringComparison.Ordinal)) line = line[7..].TrimStart();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : line[..equals].TrimEnd();
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || !TryReadValue(line[(equals + 1)..].Trim(), out var value))
            {
                badLine = number;
                return false;
            }

            result[name] = value;
        }

        return true;
    }

    private static bool TryReadValue(string text, out string value)
    {
        if (text.Length > 0 && text[0] is '"' or '\'')
        {
            var end = text.IndexOf(text[0], 1);
            if (end > 0)
            {
                // What follows would be lost without a sign: NAME='a' b.
                value = text[1..end];
                var rest = text[(end + 1)..].TrimStart();
                return rest.Length == 0 || rest[0] == '#';
            }
        }

        var comment = text.IndexOf(" #", StringComparison.Ordinal);
        value = comment < 0 ? text : text[..comment].TrimEnd();
        return true;
    }
}

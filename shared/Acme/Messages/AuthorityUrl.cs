using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.Acme.Messages;

/// <summary>
/// Validates URLs from an authority. Only URLs of its own origin are accepted: otherwise the authority, or an attacker who controls it, could direct signed requests of this server to any host.
/// </summary>
internal static class AuthorityUrl
{
    public static bool TryRead(string? text, Uri directory, [NotNullWhen(true)] out Uri? url)
    {
        url = null;
        if (text is null || text.Length > AcmeLimits.UrlCharacters || !Uri.TryCreate(text, UriKind.Absolute, out var read)) return false;
        if (read.Scheme != Uri.UriSchemeHttps || read.UserInfo.Length > 0 || read.Port != directory.Port || !string.Equals(read.IdnHost, directory.IdnHost, StringComparison.OrdinalIgnoreCase)) return false;
        url = read;
        return true;
    }

    /// <summary>The targets of one relation in Link headers (RFC 8288), up to a limit.</summary>
    public static IEnumerable<Uri> Linked(IReadOnlyList<string> headers, string relation, Uri directory, int limit)
    {
        var found = 0;
        foreach (var header in headers)
        {
            // Commas between "<" and ">" do not matter: each link begins at its "<".
            var at = 0;
            while (found < limit && (at = header.IndexOf('<', at)) >= 0)
            {
                var close = header.IndexOf('>', at);
                if (close < 0) break;
                var next = header.IndexOf('<', close);
                var parameters = header[(close + 1)..(next < 0 ? header.Length : next)];
                var isIt = parameters.Split(';', ',').Select(p => p.Trim()).Any(p =>
                    p.StartsWith("rel=", StringComparison.OrdinalIgnoreCase) && p[4..].Trim('"', ' ').Split(' ').Contains(relation, StringComparer.OrdinalIgnoreCase));
                if (isIt && TryRead(header[(at + 1)..close], directory, out var url))
                {
                    found++;
                    yield return url;
                }

                at = close;
            }
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>The short names of authorities that LETSENCRYPT_ACME_SERVER accepts, the same as acme.sh's.</summary>
internal static class Authorities
{
    public static readonly Uri Default = new("https://acme-v02.api.letsencrypt.org/directory");

    private static readonly Dictionary<string, (string Directory, string? Staging)> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["letsencrypt"] = (Default.AbsoluteUri, "https://acme-staging-v02.api.letsencrypt.org/directory"),
        ["letsencrypt_test"] = ("https://acme-staging-v02.api.letsencrypt.org/directory", "https://acme-staging-v02.api.letsencrypt.org/directory"),
        ["zerossl"] = ("https://acme.zerossl.com/v2/DV90", null),
        ["buypass"] = ("https://api.buypass.com/acme/directory", "https://api.test4.buypass.no/acme/directory"),
        ["buypass_test"] = ("https://api.test4.buypass.no/acme/directory", "https://api.test4.buypass.no/acme/directory"),
        ["google"] = ("https://dv.acme-v02.api.pki.goog/directory", "https://dv.acme-v02.test-api.pki.goog/directory"),
        ["googletest"] = ("https://dv.acme-v02.test-api.pki.goog/directory", "https://dv.acme-v02.test-api.pki.goog/directory"),
        ["sslcom"] = ("https://acme.ssl.com/sslcom-dv-ecc", null),
    };

    /// <param name="text">A short name, or the URL of a directory.</param>
    /// <param name="staging">Whether to use the authority's test server.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="problem">An error line that names the setting.</param>
    public static bool TryFind(string text, bool staging, [NotNullWhen(true)] out Uri? directory, out string problem)
    {
        directory = null;
        problem = "";
        var isKnown = Known.TryGetValue(text, out var known);
        if (!isKnown && (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps || url.Host.Length == 0 || url.UserInfo.Length > 0))
        {
            problem = $"LETSENCRYPT_ACME_SERVER: '{(text.Length <= 60 ? text : text[..57] + "...")}' is neither one of {string.Join(", ", Known.Keys)} nor a URL that begins with https://";
            return false;
        }

        // An operator who asks for a test server must not use up the rate limits of the production server.
        if (staging && known.Staging is null)
        {
            problem = $"LETSENCRYPT_USE_STAGING: no test server of {text} is known; name it in LETSENCRYPT_ACME_SERVER instead";
            return false;
        }

        directory = new Uri(!isKnown ? text : staging ? known.Staging! : known.Directory);
        return true;
    }
}

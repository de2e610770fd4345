using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>
/// LDAP_TLS_CIPHERS: keywords of GnuTLS priority strings and of OpenSSL cipher lists, separated by colons (OpenSSL also allows commas and blanks). Each keyword adds suites
/// or removes some. Keywords for versions below TLS 1.2 cannot be mapped.
/// </summary>
internal sealed class CipherList
{
    private static readonly Dictionary<string, Func<Suite, bool>> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        // GnuTLS.
        ["NORMAL"] = _ => true,
        ["PERFORMANCE"] = _ => true,
        ["SECURE"] = _ => true,
        ["SECURE128"] = _ => true,
        ["SECURE192"] = s => s.Bits == 256,
        ["SECURE256"] = s => s.Bits == 256,
        ["PFS"] = s => s.Exchange != "RSA",
        ["VERS-ALL"] = _ => true,
        ["VERS-TLS-ALL"] = _ => true,
        ["VERS-TLS1.2"] = s => !s.Tls13,
        ["VERS-TLS1.3"] = s => s.Tls13,
        ["AES-128-GCM"] = s => s.Cipher == "AES128GCM",
        ["AES-256-GCM"] = s => s.Cipher == "AES256GCM",
        ["AES-128-CBC"] = s => s.Cipher == "AES128",
        ["AES-256-CBC"] = s => s.Cipher == "AES256",
        ["CHACHA20-POLY1305"] = s => s.Cipher == "CHACHA20",
        ["CIPHER-ALL"] = _ => true,
        ["KX-ALL"] = _ => true,
        ["ECDHE-RSA"] = s => s.Tls13 || (s.Exchange == "ECDHE" && s.Signature == "RSA"),
        ["ECDHE-ECDSA"] = s => s.Tls13 || (s.Exchange == "ECDHE" && s.Signature == "ECDSA"),
        ["DHE-RSA"] = s => s.Tls13 || s.Exchange == "DHE",

        // OpenSSL.
        ["ALL"] = _ => true,
        ["DEFAULT"] = _ => true,
        ["HIGH"] = _ => true,
        ["TLSv1.2"] = s => !s.Tls13,
        ["TLSv1.3"] = s => s.Tls13,
        ["AESGCM"] = s => s.Cipher.EndsWith("GCM", StringComparison.Ordinal),
        ["AES"] = s => s.Cipher.StartsWith("AES", StringComparison.Ordinal),
        ["AES128"] = s => s.Cipher.StartsWith("AES128", StringComparison.Ordinal),
        ["AES256"] = s => s.Cipher.StartsWith("AES256", StringComparison.Ordinal),
        ["CHACHA20"] = s => s.Cipher == "CHACHA20",
        ["ECDHE"] = s => s.Exchange == "ECDHE",
        ["EECDH"] = s => s.Exchange == "ECDHE",
        ["kECDHE"] = s => s.Exchange == "ECDHE",
        ["DHE"] = s => s.Exchange == "DHE",
        ["EDH"] = s => s.Exchange == "DHE",
        ["RSA"] = s => s.Exchange == "RSA",
        ["kRSA"] = s => s.Exchange == "RSA",
        ["aRSA"] = s => s.Signature == "RSA",
        ["ECDSA"] = s => s.Signature == "ECDSA",
        ["aECDSA"] = s => s.Signature == "ECDSA",
        ["SHA1"] = s => s.Cipher is "AES128" or "AES256",
        ["SHA"] = s => s.Cipher is "AES128" or "AES256",
    };

    // These are never used: excluding them has no effect, requesting them is an error.
    private static readonly HashSet<string> NeverUsed = new(StringComparer.OrdinalIgnoreCase)
    {
        "aNULL", "eNULL", "NULL", "MD5", "RC4", "RC2", "3DES", "DES", "EXP", "EXPORT", "LOW", "MEDIUM", "PSK", "SRP", "SEED", "IDEA", "CAMELLIA", "ADH", "AECDH", "aDSS", "DSS", "SSLv2", "SSLv3", "ARIA",
        "VERS-SSL3.0", "VERS-TLS1.0", "VERS-TLS1.1", "TLSv1", "TLSv1.0", "TLSv1.1", "ARCFOUR-128", "3DES-CBC", "CAMELLIA-128-CBC", "CAMELLIA-256-CBC", "ANON-DH", "ANON-ECDH", "DHE-DSS",
    };

    private static readonly Suite[] Known =
    [
        new(TlsCipherSuite.TLS_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384", "ECDHE", "any", "AES256GCM", 256, true),
        new(TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256", "ECDHE", "any", "CHACHA20", 256, true),
        new(TlsCipherSuite.TLS_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256", "ECDHE", "any", "AES128GCM", 128, true),
        new(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE", "ECDSA", "AES256GCM", 256, false),
        new(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE", "RSA", "AES256GCM", 256, false),
        new(TlsCipherSuite.TLS_DHE_RSA_WITH_AES_256_GCM_SHA384, "DHE-RSA-AES256-GCM-SHA384", "DHE", "RSA", "AES256GCM", 256, false),
        new(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE", "ECDSA", "CHACHA20", 256, false),
        new(TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE", "RSA", "CHACHA20", 256, false),
        new(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE", "ECDSA", "AES128GCM", 128, false),
        new(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE", "RSA", "AES128GCM", 128, false),
        new(TlsCipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, "DHE-RSA-AES128-GCM-SHA256", "DHE", "RSA", "AES128GCM", 128, false),
        new(TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384, "AES256-GCM-SHA384", "RSA", "RSA", "AES256GCM", 256, false),
        new(TlsCipherSuite.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES128-GCM-SHA256", "RSA", "RSA", "AES128GCM", 128, false),
        new(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-RSA-AES256-SHA", "ECDHE", "RSA", "AES256", 256, false),
        new(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES128-SHA", "ECDHE", "RSA", "AES128", 128, false),
        new(TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA, "AES256-SHA", "RSA", "RSA", "AES256", 256, false),
        new(TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA, "AES128-SHA", "RSA", "RSA", "AES128", 128, false),
    ];

    private CipherList(IReadOnlyList<Suite> suites)
    {
        Suites = [.. suites.Select(s => s.Id)];
        Names = string.Join(':', suites.Select(s => s.Name));
        Protocols = (suites.Any(s => s.Tls13) ? SslProtocols.Tls13 : SslProtocols.None) | (suites.Any(s => !s.Tls13) ? SslProtocols.Tls12 : SslProtocols.None);
    }

    /// <summary>In order of preference.</summary>
    public IReadOnlyList<TlsCipherSuite> Suites { get; }

    /// <summary>OpenSSL's names of the suites.</summary>
    public string Names { get; }

    public SslProtocols Protocols { get; }

    /// <param name="text">The setting's value.</param>
    /// <param name="list">The allowed suites.</param>
    /// <param name="problem">The keyword that cannot be mapped, as the end of a sentence.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out CipherList? list, out string problem)
    {
        list = null;
        problem = "";
        var chosen = new HashSet<Suite>();
        var banned = new HashSet<Suite>();
        foreach (var token in text.Split([':', ',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var sign = token[0] is '+' or '-' or '!' ? token[0] : ' ';
            var word = sign == ' ' ? token : token[1..];
            if (string.Equals(word, "NONE", StringComparison.OrdinalIgnoreCase) && sign == ' ')
            {
                chosen.Clear();
                continue;
            }

            // Suites are always in order of strength.
            if (string.Equals(word, "@STRENGTH", StringComparison.OrdinalIgnoreCase)) continue;
            if (NeverUsed.Contains(word) && sign is '-' or '!') continue;
            if (!TryMatch(word, out var matches))
            {
                problem = $"'{token}' cannot be mapped to suites of TLS 1.2 and 1.3";
                return false;
            }

            var found = Known.Where(matches);
            if (sign is '-' or '!') chosen.ExceptWith(found);
            else chosen.UnionWith(found);
            if (sign == '!') banned.UnionWith(Known.Where(matches));
        }

        chosen.ExceptWith(banned);
        if (chosen.Count == 0)
        {
            problem = "no suite remains";
            return false;
        }

        list = new CipherList([.. Known.Where(chosen.Contains)]);
        return true;
    }

    // A suite's own name, or keywords that must all match (ECDHE+AESGCM).
    private static bool TryMatch(string word, [NotNullWhen(true)] out Func<Suite, bool>? matches)
    {
        if (Known.FirstOrDefault(s => string.Equals(s.Name, word, StringComparison.OrdinalIgnoreCase) || string.Equals(s.Id.ToString(), word, StringComparison.OrdinalIgnoreCase)) is { } one)
        {
            matches = suite => suite == one;
            return true;
        }

        matches = null;
        var parts = new List<Func<Suite, bool>>();
        foreach (var part in word.Split('+'))
        {
            if (!Words.TryGetValue(part, out var condition)) return false;
            parts.Add(condition);
        }

        matches = suite => parts.All(part => part(suite));
        return true;
    }

    private sealed record Suite(TlsCipherSuite Id, string Name, string Exchange, string Signature, string Cipher, int Bits, bool Tls13);
}

using System.Buffers.Text;
using System.Net.Mail;
using JitsiMesh.Acme;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Orders;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>The validated ACME settings. With a problem nothing is ordered; the site stays up.</summary>
internal sealed record AcmePlan
{
    /// <summary>ENABLE_LETSENCRYPT is on, and HTTPS too.</summary>
    public bool IsOn { get; private init; }

    /// <summary>Why nothing is ordered: one line for each problem, with the name of the setting.</summary>
    public IReadOnlyList<string> Problems { get; private init; } = [];

    /// <summary>Settings that are suspicious but do not prevent an order.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    /// <summary>Lower case; the first one names the folder.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];

    public string Email { get; private init; } = "";

    public Uri Authority { get; private init; } = Authorities.Default;

    public bool IsStaging { get; private init; }

    public ExternalAccount? ExternalAccount { get; private init; }

    public AcmeChallengeChoice Challenge { get; private init; }

    public string PreferredChain { get; private init; } = "";

    /// <summary>PEM file with the roots for the authority's own HTTPS; empty for the system's.</summary>
    public string AuthoritiesFile { get; private init; } = "";

    /// <summary>The folder of this certificate; null where names or authority are unusable.</summary>
    public AcmeFolder? Folder { get; private init; }

    public bool CanOrder => IsOn && Problems.Count == 0 && Folder is not null;

    public static AcmePlan Read(MeshSettings settings)
    {
        if (!settings.Get(KnownSettings.EnableLetsEncrypt)) return new AcmePlan();
        if (settings.Get(KnownSettings.DisableHttps)) return new AcmePlan { Warnings = ["ENABLE_LETSENCRYPT: no certificate is ordered, since with DISABLE_HTTPS=1 TLS is terminated in front of this server"] };
        List<string> problems = [], warnings = [];
        var names = ReadNames(settings, problems, warnings);
        var hasNames = problems.Count == 0;
        var email = settings.Get(KnownSettings.LetsEncryptEmail).Trim();
        if (email.Length == 0) problems.Add("LETSENCRYPT_EMAIL: it is not set, and ENABLE_LETSENCRYPT=1 needs it: the authority's account is registered with it");
        else if (!MailAddress.TryCreate(email, out var address) || address.Address != email || !Ascii(email)) problems.Add("LETSENCRYPT_EMAIL: it is not one mail address");
        var isStaging = settings.Get(KnownSettings.LetsEncryptStaging);
        var server = settings.Get(KnownSettings.LetsEncryptServer);
        var hasAuthority = Authorities.TryFind(server, isStaging, out var authority, out var problem);
        if (!hasAuthority) problems.Add(problem);
        var caFile = settings.Get(KnownSettings.AcmeAuthorities);
        if (caFile.Length > 0 && !File.Exists(caFile)) problems.Add($"MESH_ACME_CA_FILE: file not found: '{caFile}'");
        return new AcmePlan
        {
            IsOn = true,
            Names = names,
            Email = email,
            Authority = authority ?? Authorities.Default,
            Folder = hasNames && hasAuthority ? new AcmeFolder(settings.DataDirectory, authority!, names[0]) : null,
            IsStaging = isStaging,
            ExternalAccount = ReadExternalAccount(settings, problems),
            Challenge = settings.Get(KnownSettings.AcmeChallenge),
            PreferredChain = settings.Get(KnownSettings.AcmePreferredChain),
            AuthoritiesFile = caFile,
            Problems = problems,
            Warnings = warnings,
        };
    }

    /// <summary>The challenge kinds for the next order, in order of preference.</summary>
    /// <param name="failed">The kind that failed last; null for none.</param>
    public IReadOnlyList<ChallengeKind> Challenges(ChallengeKind? failed) => Challenge switch
    {
        AcmeChallengeChoice.Http => [ChallengeKind.Http01],
        AcmeChallengeChoice.Tls => [ChallengeKind.TlsAlpn01],
        _ => failed == ChallengeKind.Http01 ? [ChallengeKind.TlsAlpn01, ChallengeKind.Http01] : [ChallengeKind.Http01, ChallengeKind.TlsAlpn01],
    };

    private static List<string> ReadNames(MeshSettings settings, List<string> problems, List<string> warnings)
    {
        const string Setting = "LETSENCRYPT_DOMAIN";
        var names = settings.Get(KnownSettings.LetsEncryptDomain).Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(n => n.TrimEnd('.').ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0) problems.Add($"{Setting}: it is not set, and ENABLE_LETSENCRYPT=1 needs it: the name that users type");
        if (names.Count > AcmeLimits.Identifiers) problems.Add(FormattableString.Invariant($"{Setting}: {names.Count} names exceed the {AcmeLimits.Identifiers} of one certificate"));
        foreach (var name in names)
        {
            if (name.StartsWith("*.", StringComparison.Ordinal)) problems.Add($"{Setting}: '{Shorten(name)}' needs a DNS challenge, which this server does not support; name each host");
            else if (Uri.CheckHostName(name) != UriHostNameType.Dns || name.Length > 253 || !name.Contains('.', StringComparison.Ordinal) || !Ascii(name)) problems.Add($"{Setting}: '{Shorten(name)}' is not a public host name such as meet.example.com");
        }

        if (settings.PublicUrl is { } url && names.Count > 0 && problems.Count == 0 && !names.Contains(new Uri(url).IdnHost, StringComparer.OrdinalIgnoreCase))
        {
            warnings.Add($"{Setting}: the certificate is for {string.Join(", ", names)}, but users are sent to {new Uri(url).IdnHost} (PUBLIC_URL)");
        }

        return names;
    }

    private static ExternalAccount? ReadExternalAccount(MeshSettings settings, List<string> problems)
    {
        var id = settings.Get(KnownSettings.AcmeKeyId);
        var secret = settings.Get(KnownSettings.AcmeKeySecret);
        if (id.Length == 0 && secret.Length == 0) return null;
        if (id.Length == 0 || secret.Length == 0)
        {
            problems.Add($"{(id.Length == 0 ? "MESH_ACME_EAB_KID" : "MESH_ACME_EAB_HMAC_KEY")}: it is not set, and {(id.Length == 0 ? "MESH_ACME_EAB_HMAC_KEY" : "MESH_ACME_EAB_KID")} is: both are required together");
            return null;
        }

        // Authorities show base64url; some operators enter base64.
        var text = secret.Replace('+', '-').Replace('/', '_').TrimEnd('=');
        if (Base64Url.IsValid(text)) return new ExternalAccount(id, Base64Url.DecodeFromChars(text));
        problems.Add("MESH_ACME_EAB_HMAC_KEY: it is not base64url");
        return null;
    }

    private static bool Ascii(string text) => !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}

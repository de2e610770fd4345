using System.Globalization;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>The properties of a certificate from a TLS handshake.</summary>
/// <param name="Subject">For display.</param>
/// <param name="Names">The alternative names.</param>
/// <param name="MatchesHost">Whether one of them is the requested host.</param>
/// <param name="From">Valid from, UTC.</param>
/// <param name="Until">Valid until, UTC.</param>
/// <param name="IsSelfSigned">Issuer and subject are the same.</param>
/// <param name="ChainProblem">Why this machine does not trust it, except names and dates; null when it does.</param>
internal sealed record CertificateFacts(string Subject, IReadOnlyList<string> Names, bool MatchesHost, DateTimeOffset From, DateTimeOffset Until, bool IsSelfSigned, string? ChainProblem)
{
    /// <summary>Whether edge-proxy created it for a machine without another certificate (edge-proxy keeps this subject stable).</summary>
    public bool IsEdgeSelfSigned => IsSelfSigned && Subject.Contains("JitsiMesh self-signed", StringComparison.Ordinal);
}

/// <summary>Whether browsers and phone apps accept a certificate.</summary>
internal static class CertificateRules
{
    public const string Name = "certificate";

    /// <summary>Let's Encrypt certificates are renewed 30 days before the expiry: with two weeks left the renewal has failed.</summary>
    private static readonly TimeSpan RenewalIsLate = TimeSpan.FromDays(14);

    private const string Replace = "set ENABLE_LETSENCRYPT=1, or put certificate and key into CONFIG/web/keys as cert.crt and cert.key";

    /// <param name="facts">The properties.</param>
    /// <param name="host">The host that users type.</param>
    /// <param name="isLocal">Whether it is this machine under a loopback name.</param>
    /// <param name="insecure">Whether an untrusted certificate is only a warning.</param>
    /// <param name="now">UTC.</param>
    public static IEnumerable<CheckResult> Judge(CertificateFacts facts, string host, bool isLocal, bool insecure, DateTimeOffset now)
    {
        CheckResult Mistrust(string seen, string advice) => insecure ? CheckResult.Warning(Name, seen, advice) : CheckResult.Failed(Name, seen, advice);
        var before = 0;
        var names = string.Join(", ", facts.Names.Take(6));
        if (!facts.MatchesHost)
        {
            before++;
            yield return Mistrust($"is for {(names.Length > 0 ? names : facts.Subject)} instead of {host}", $"{Replace}, for {host}, or correct the name in PUBLIC_URL");
        }

        if (now > facts.Until)
        {
            before++;
            yield return Mistrust($"has expired on {Date(facts.Until)}", Replace);
        }
        else if (now < facts.From)
        {
            before++;
            yield return Mistrust($"is valid only from {Date(facts.From)}", "correct this machine's clock, or " + Replace);
        }
        else if (facts.Until - now < RenewalIsLate)
        {
            before++;
            yield return CheckResult.Warning(Name, string.Create(CultureInfo.InvariantCulture, $"expires in {(facts.Until - now).TotalDays:0} days, on {Date(facts.Until)}"), "renew it");
        }

        if (facts.IsSelfSigned)
        {
            var seen = $"is self-signed ({names}), until {Date(facts.Until)}; browsers ask once, phone apps refuse it";
            if (isLocal && facts.IsEdgeSelfSigned) yield return CheckResult.Warning(Name, seen);
            else yield return Mistrust(seen, Replace + ", from an authority that browsers trust");
        }
        else if (facts.ChainProblem is { } problem)
        {
            yield return Mistrust($"is not trusted here: {problem}", "the file must hold the certificate and the intermediate ones after it; a private authority must be installed on every device");
        }
        else if (before == 0)
        {
            yield return CheckResult.Ok(Name, string.Create(CultureInfo.InvariantCulture, $"{names}, until {Date(facts.Until)} ({(facts.Until - now).TotalDays:0} days)"));
        }
    }

    /// <summary>Whether phone apps connect: unlike browsers they allow no exception, and do not give the reason.</summary>
    public static CheckResult JudgePhones(CertificateFacts facts, bool isLocal, DateTimeOffset now)
    {
        const string name = "phone apps";
        if (isLocal) return CheckResult.Skipped(name, "need a public name (PUBLIC_URL)");
        var why = !facts.MatchesHost ? "the certificate is for another name"
            : now > facts.Until || now < facts.From ? "the certificate is not valid now"
            : facts.IsSelfSigned || facts.ChainProblem is not null ? "the certificate is not publicly trusted"
            : null;
        return why is null ? CheckResult.Ok(name, "the certificate is publicly trusted: they connect") : CheckResult.Warning(name, "will not connect: " + why, Replace + " (docs/certificates.md)");
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

using System.Globalization;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>What a TLS handshake has shown of a certificate.</summary>
/// <param name="Subject">For people.</param>
/// <param name="Names">The alternative names.</param>
/// <param name="MatchesHost">One of them is the host that was asked for.</param>
/// <param name="From">Valid from, UTC.</param>
/// <param name="Until">Valid until, UTC.</param>
/// <param name="IsSelfSigned">Issuer and subject are the same.</param>
/// <param name="ChainProblem">Why this machine does not trust it, names and dates apart; null when it does.</param>
internal sealed record CertificateFacts(string Subject, IReadOnlyList<string> Names, bool MatchesHost, DateTimeOffset From, DateTimeOffset Until, bool IsSelfSigned, string? ChainProblem)
{
    /// <summary>Made by edge-proxy for a machine that has no other (its name is part of what edge-proxy promises).</summary>
    public bool IsOurOwn => IsSelfSigned && Subject.Contains("JitsiMesh self-signed", StringComparison.Ordinal);
}

/// <summary>Whether browsers and phone apps will take a certificate.</summary>
internal static class CertificateRules
{
    public const string Name = "certificate";

    /// <summary>Let's Encrypt renews 30 days before the end: with two weeks left something has gone wrong.</summary>
    private static readonly TimeSpan RenewalIsLate = TimeSpan.FromDays(14);

    private const string Replace = "put certificate and key into CONFIG/web/keys as cert.crt and cert.key";

    /// <param name="facts">What was seen.</param>
    /// <param name="host">The host that people type.</param>
    /// <param name="isLocal">That is this machine under a loopback name.</param>
    /// <param name="insecure">Mistrust is a warning.</param>
    /// <param name="now">UTC.</param>
    public static IEnumerable<CheckResult> Judge(CertificateFacts facts, string host, bool isLocal, bool insecure, DateTimeOffset now)
    {
        CheckResult Mistrust(string seen, string advice) => insecure ? CheckResult.Warning(Name, seen, advice) : CheckResult.Failed(Name, seen, advice);
        var before = 0;
        var names = string.Join(", ", facts.Names.Take(6));
        if (!facts.MatchesHost)
        {
            before++;
            yield return Mistrust($"is for {(names.Length > 0 ? names : facts.Subject)} and not for {host}", $"{Replace} for {host}, or correct the name in PUBLIC_URL");
        }

        if (now > facts.Until)
        {
            before++;
            yield return Mistrust($"has ended on {Date(facts.Until)}", Replace);
        }
        else if (now < facts.From)
        {
            before++;
            yield return Mistrust($"begins on {Date(facts.From)} only", "correct this machine's clock, or " + Replace);
        }
        else if (facts.Until - now < RenewalIsLate)
        {
            before++;
            yield return CheckResult.Warning(Name, string.Create(CultureInfo.InvariantCulture, $"ends in {(facts.Until - now).TotalDays:0} days, on {Date(facts.Until)}"), "renew it");
        }

        if (facts.IsSelfSigned)
        {
            var seen = $"is self-signed ({names}), until {Date(facts.Until)}; browsers ask once, phone apps refuse it";
            if (isLocal && facts.IsOurOwn) yield return CheckResult.Warning(Name, seen);
            else yield return Mistrust(seen, Replace + " from an authority that browsers know");
        }
        else if (facts.ChainProblem is { } problem)
        {
            yield return Mistrust($"is not trusted here: {problem}", "the file must hold the certificate and the intermediate ones after it; a private authority must be installed on every device");
        }
        else if (before == 0)
        {
            yield return CheckResult.Ok(Name, $"{names}, until {Date(facts.Until)}");
        }
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

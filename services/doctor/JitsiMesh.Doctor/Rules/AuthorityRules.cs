using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>edge-proxy's report of its orders (<c>/debug/certificate</c>).</summary>
/// <param name="IsServed">Whether the certificate of HTTPS is the authority's.</param>
/// <param name="Source">The source of the certificate.</param>
/// <param name="Host">The authority.</param>
/// <param name="Problems">The problems of the settings.</param>
/// <param name="Renewal">When the certificate is renewed; null without one.</param>
/// <param name="NextRequest">When the next request to the authority follows a failure.</param>
/// <param name="Error">The last failure; null after a success.</param>
internal sealed record AuthorityFacts(bool IsServed, string Source, string Host, IReadOnlyList<string> Problems, DateTimeOffset? Renewal, DateTimeOffset? NextRequest, string? Error)
{
    public static bool TryRead(string json, [NotNullWhen(true)] out AuthorityFacts? facts)
    {
        facts = null;
        try
        {
            using var page = JsonDocument.Parse(json);
            var root = page.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("authority", out var authority) || authority.ValueKind != JsonValueKind.Object) return false;
            var source = root.TryGetProperty("certificate", out var certificate) && certificate.ValueKind == JsonValueKind.Object ? certificate.GetProperty("source").GetString() ?? "" : "";
            var error = authority.GetProperty("lastError") is { ValueKind: JsonValueKind.Object } last ? $"{last.GetProperty("at").GetDateTimeOffset():yyyy-MM-dd HH:mm} UTC, {last.GetProperty("reason").GetString()}: {last.GetProperty("text").GetString()}" : null;
            facts = new AuthorityFacts(source == "authority", source, new Uri(authority.GetProperty("directory").GetString()!).Host,
                [.. authority.GetProperty("problems").EnumerateArray().Select(p => p.GetString()!)], Time(authority, "renewal"), Time(authority, "nextRequest"), error);
            return true;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            // The page of another server.
            return false;
        }
    }

    private static DateTimeOffset? Time(JsonElement element, string name) => element.GetProperty(name) is { ValueKind: JsonValueKind.String } text ? text.GetDateTimeOffset() : null;
}

/// <summary>Whether the authority (Let's Encrypt) issues certificates.</summary>
internal static class AuthorityRules
{
    public const string Name = "authority";

    public static IEnumerable<CheckResult> Judge(AuthorityFacts facts, DateTimeOffset now)
    {
        if (facts.Problems.Count > 0) return facts.Problems.Select(problem => CheckResult.Failed(Name, problem, "no certificate is ordered until it is fixed"));
        if (facts.Source == "own-files") return [CheckResult.Ok(Name, "nothing is ordered, since CONFIG/web/keys holds a certificate")];
        if (facts.Error is { } error)
        {
            var next = facts.NextRequest is { } at && at > now ? $"the next try is at {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC (docs/certificates.md)" : "see docs/certificates.md";
            var seen = $"{facts.Host} issued no certificate: {error}";
            return [facts.IsServed ? CheckResult.Warning(Name, seen + "; the last good one is still served", next) : CheckResult.Failed(Name, seen, next)];
        }

        return [facts.IsServed && facts.Renewal is { } renewal
            ? CheckResult.Ok(Name, $"{facts.Host} issued the certificate; it is renewed on {renewal.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}")
            : CheckResult.Warning(Name, $"{facts.Host} has issued no certificate yet", "check again in some minutes, then the log of edge-proxy")];
    }
}

using System.Security.Cryptography.X509Certificates;
using JitsiMesh.EdgeProxy.Certificates.Acme;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace JitsiMesh.EdgeProxy.Certificates;

/// <summary><c>/debug/certificate</c>, an inner page: the certificate of HTTPS, its source, and the authority's last answer. <c>./mesh doctor</c> reads it.</summary>
internal sealed class CertificatePage(CertificateProvider provider, AcmePlan plan, MeshSettings settings, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/debug/certificate", () => Results.Json(Describe())).InnerPage("the certificate of HTTPS, and the outcome of ACME orders");

    private object Describe() => new
    {
        certificate = settings.Get(KnownSettings.DisableHttps) ? null : DescribeCurrent(),
        authority = plan.IsOn ? DescribeAuthority() : null,
    };

    private object DescribeCurrent()
    {
        var current = provider.Current.TargetCertificate;
        return new
        {
            source = provider.Source switch { CertificateSource.OwnFiles => "own-files", CertificateSource.Authority => "authority", _ => "self-signed" },
            names = current.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()),
            issuer = current.GetNameInfo(X509NameType.SimpleName, forIssuer: true),
            notAfter = current.NotAfter.ToUniversalTime(),
        };
    }

    private object DescribeAuthority()
    {
        var now = time.GetUtcNow();
        var state = plan.Folder?.ReadState(plan.Names) ?? new AcmeState();
        var kept = plan.Folder?.ReadCertificate(plan.Names);
        return new
        {
            directory = plan.Authority,
            names = plan.Names,
            problems = plan.Problems,
            renewal = kept is null ? (DateTimeOffset?)null : AcmeSchedule.RenewalOf(kept.NotBefore, kept.NotAfter, kept.Thumbprint),
            nextRequest = AcmeSchedule.NextRequest(state, now) is var next && next > now ? next : (DateTimeOffset?)null,
            lastError = state.LastError is { } error ? new { at = error.At, reason = error.Reason, text = error.Text } : null,
            orders = state.Orders.Select(o => new { at = o.At, outcome = o.Outcome.ToString().ToLowerInvariant() }),
        };
    }
}

using System.Diagnostics.Metrics;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>Metrics of certificates; meter JitsiMesh.EdgeProxy.</summary>
internal sealed class CertificateMetrics : IDisposable
{
    private readonly Meter _meter = new("JitsiMesh.EdgeProxy");
    private readonly Counter<long> _orders;
    private readonly Counter<long> _failures;
    private long _notAfter;

    public CertificateMetrics()
    {
        _orders = _meter.CreateCounter<long>("edge.acme.orders", description: "Completed certificate orders, by outcome");
        _failures = _meter.CreateCounter<long>("edge.acme.failures", description: "Failures to obtain a certificate, by reason");
        _meter.CreateObservableGauge("edge.certificate.not.after", () => Interlocked.Read(ref _notAfter), "s", "Expiry of the HTTPS certificate, in seconds since 1970; 0 without HTTPS");
    }

    public void Serves(DateTime notAfter) => Interlocked.Exchange(ref _notAfter, new DateTimeOffset(notAfter.ToUniversalTime(), TimeSpan.Zero).ToUnixTimeSeconds());

    public void Ended(OrderOutcome outcome) => _orders.Add(1, new KeyValuePair<string, object?>("outcome", outcome == OrderOutcome.Issued ? "issued" : "failed"));

    public void Failed(string reason) => _failures.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}

using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace JitsiMesh.EdgeProxy.Tests.Kit;

/// <summary>What an edge shows in a handshake, and what an authority sees that looks for a proof.</summary>
internal static class ServedCertificate
{
    public static async Task<X509Certificate2> ReadAsync(Uri https, string name = "meet.example.org", string? protocol = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, https.Port);
        X509Certificate2? seen = null;
        await using var tls = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                seen = X509CertificateLoader.LoadCertificate(certificate!.GetRawCertData());
                return seen.RawDataMemory.Length > 0;
            },
        };
        if (protocol is not null) options.ApplicationProtocols = [new SslApplicationProtocol(protocol)];
        await tls.AuthenticateAsClientAsync(options);
        if (protocol is not null) Assert.Equal(protocol, Encoding.ASCII.GetString(tls.NegotiatedApplicationProtocol.Protocol.Span));
        return seen!;
    }

    /// <summary>HTTP-01 as an authority looks.</summary>
    /// <returns>Null where it is proved, else an error's type.</returns>
    public static async Task<string?> LookByHttpAsync(Uri http, string name, string token, string right)
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(http, "/.well-known/acme-challenge/" + token)) { Headers = { Host = name } };
        using var answer = await client.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.OK && await answer.Content.ReadAsStringAsync() == right ? null : "unauthorized";
    }

    /// <summary>TLS-ALPN-01 likewise.</summary>
    public static async Task<string?> LookByTlsAsync(Uri https, string name, string right)
    {
        using var certificate = await ReadAsync(https, name, "acme-tls/1");
        var digest = certificate.Extensions.SingleOrDefault(e => e.Oid!.Value == "1.3.6.1.5.5.7.1.31");
        return digest is { Critical: true } && certificate.MatchesHostname(name) && new AsnReader(digest.RawData, AsnEncodingRules.DER).ReadOctetString().AsSpan().SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(right)))
            ? null
            : "unauthorized";
    }

    /// <summary>Waits for an edge to show a certificate of an authority's.</summary>
    public static async Task<X509Certificate2> WaitAsync(Uri https, Func<X509Certificate2, bool> isIt)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var seen = await ReadAsync(https);
            if (isIt(seen)) return seen;
            seen.Dispose();
            await Task.Delay(100, limit.Token);
        }
    }
}

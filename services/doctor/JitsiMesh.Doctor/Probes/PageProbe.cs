using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using JitsiMesh.Doctor.Rules;

namespace JitsiMesh.Doctor.Probes;

/// <summary>One answer of the page's server.</summary>
internal sealed record PageAnswer(int Status, string Body, Uri? Location, DateTimeOffset? Date);

/// <summary>Sends requests to the public port over HTTP and HTTPS. Any certificate is accepted, since <see cref="CertificateRules"/> judges it.</summary>
internal sealed class PageProbe : IDisposable
{
    private const int MaxBody = 4 * 1024 * 1024;
    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;

    public PageProbe(TimeSpan timeout)
    {
        _timeout = timeout;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = timeout,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        };
        _http = new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = MaxBody };
    }

    /// <exception cref="HttpRequestException">No answer; <see cref="Explain"/> gives the reason.</exception>
    /// <exception cref="TaskCanceledException">No answer in time.</exception>
    public Task<PageAnswer> GetAsync(Uri address) => SendAsync(new HttpRequestMessage(HttpMethod.Get, address));

    public Task<PageAnswer> PostJsonAsync(Uri address, string json) => PostAsync(address, new StringContent(json, Encoding.UTF8, "application/json"));

    public Task<PageAnswer> PostAsync(Uri address, HttpContent content) => SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = content });

    /// <summary>Makes one more handshake to read the certificate.</summary>
    /// <exception cref="AuthenticationException">The server does not speak TLS there.</exception>
    public async Task<CertificateFacts> ReadCertificateAsync(Uri address)
    {
        using var limit = new CancellationTokenSource(_timeout);
        using var client = new TcpClient();
        await client.ConnectAsync(address.IdnHost.Trim('[', ']'), address.Port, limit.Token).ConfigureAwait(false);
        CertificateFacts? facts = null;
        var stream = new SslStream(client.GetStream());
        await using (stream.ConfigureAwait(false))
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = address.IdnHost.Trim('[', ']'),
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    {
                        facts = Read((X509Certificate2)certificate!, chain, address.IdnHost.Trim('[', ']'));
                        return true;
                    },
                },
                limit.Token).ConfigureAwait(false);
        }

        return facts!;
    }

    /// <summary>The end of a sentence: "connection refused", "no answer in 10 s", …</summary>
    public string Explain(Exception e) => e switch
    {
        OperationCanceledException => FormattableString.Invariant($"no answer in {_timeout.TotalSeconds:0} s"),
        _ when e.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        _ when e.GetBaseException() is SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "the name does not resolve",
        _ => e.GetBaseException().Message,
    };

    public void Dispose() => _http.Dispose();

    private async Task<PageAnswer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var answer = await _http.SendAsync(request).ConfigureAwait(false);
            var location = answer.Headers.Location is { } said && Uri.TryCreate(request.RequestUri!, said, out var absolute) ? absolute : null;
            return new PageAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync().ConfigureAwait(false), location, answer.Headers.Date);
        }
    }

    private static CertificateFacts Read(X509Certificate2 certificate, X509Chain? chain, string host)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).ToList();

        // A separate check covers the dates.
        var problem = chain?.ChainStatus.Where(s => s.Status is not (X509ChainStatusFlags.NoError or X509ChainStatusFlags.NotTimeValid or X509ChainStatusFlags.RevocationStatusUnknown or X509ChainStatusFlags.OfflineRevocation))
            .Select(s => s.Status == X509ChainStatusFlags.PartialChain ? "an intermediate certificate or the root is missing" : s.StatusInformation.Trim())
            .FirstOrDefault();
        return new CertificateFacts(
            certificate.Subject,
            names,
            Matches(certificate, host),
            new DateTimeOffset(certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero),
            new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero),
            certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData),
            problem);
    }

    private static bool Matches(X509Certificate2 certificate, string host)
    {
        try
        {
            return certificate.MatchesHostname(host);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}

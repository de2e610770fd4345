using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using JitsiMesh.Acme;
using JitsiMesh.Acme.Messages;
using JitsiMesh.Acme.Orders;
using JitsiMesh.Hosting.Observability;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>An answer, or the reason why there is none.</summary>
internal readonly record struct AcmeExchange(AcmeAnswer? Answer, AcmeFault Fault, string Problem);

/// <summary>Sends requests to an authority over verified HTTPS, without redirects and cookies, bounded in time and size.</summary>
internal sealed class AcmeTransport : IDisposable
{
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <param name="authoritiesFile">PEM file with the roots for its certificate; empty for the system's.</param>
    /// <param name="time">For the timeout of each answer.</param>
    public AcmeTransport(string authoritiesFile, TimeProvider time)
    {
        _time = time;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = AcmeLimits.HeaderKibioctets,
            MaxConnectionsPerServer = 2,
        };
        if (authoritiesFile.Length > 0)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPemFile(authoritiesFile);
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("JitsiMesh", InnerPages.Version));
    }

    public async Task<AcmeExchange> SendAsync(AcmeRequest request, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(AcmeLimits.AnswerTime, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Url);
            if (request.Body is not null)
            {
                message.Content = new ByteArrayContent(request.Body);
                message.Content.Headers.ContentType = new MediaTypeHeaderValue(AcmeRequest.BodyType);
            }

            if (request.Accept is not null) message.Headers.Accept.ParseAdd(request.Accept);
            using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token);
            if (answer.Content.Headers.ContentLength > AcmeLimits.AnswerOctets) return new AcmeExchange(null, AcmeFault.TooLarge, "the answer is too long");
            var body = await ReadAsync(answer.Content, both.Token);
            return body is null
                ? new AcmeExchange(null, AcmeFault.TooLarge, "the answer is too long")
                : new AcmeExchange(new AcmeAnswer
                {
                    Status = (int)answer.StatusCode,
                    Body = body.Value,
                    Location = Header(answer, "Location"),
                    Nonce = Header(answer, "Replay-Nonce"),
                    RetryAfter = Header(answer, "Retry-After"),
                    Links = answer.Headers.TryGetValues("Link", out var links) ? [.. links] : [],
                }, default, "");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new AcmeExchange(null, AcmeFault.Timeout, FormattableString.Invariant($"no answer in {AcmeLimits.AnswerTime.TotalSeconds:0} s"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new AcmeExchange(null, AcmeFault.Unreachable, Explain(e));
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new MemoryStream();
        var part = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(part, cancellation)) > 0)
        {
            if (buffer.Length + read > AcmeLimits.AnswerOctets) return null;
            buffer.Write(part, 0, read);
        }

        return buffer.ToArray();
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static string Explain(Exception e) => e.GetBaseException() switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "its name does not resolve",
        AuthenticationException certificate => "its certificate is not trusted: " + certificate.Message,
        var other => other.Message,
    };
}

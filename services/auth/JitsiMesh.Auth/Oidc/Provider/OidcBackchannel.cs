using System.Net;

namespace JitsiMesh.Auth.Oidc.Provider;

/// <summary>
/// HTTP requests to the provider: bounded in size and time, without proxy, cookies and redirects. Where the setting names https, the provider cannot redirect to plain http.
/// </summary>
internal static class OidcBackchannel
{
    /// <param name="discovery">The provider's address, as the setting has it.</param>
    public static HttpClient Create(Uri discovery)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxConnectionsPerServer = OidcLimits.Connections,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = OidcLimits.HeaderKilobytes,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectTimeout = OidcLimits.AnswerTime,

            // Send neither trace context nor baggage to an external server.
            ActivityHeadersPropagator = null,
        };
        var client = new HttpClient(new SchemeGuard(discovery.Scheme == Uri.UriSchemeHttp, sockets)) { Timeout = OidcLimits.AnswerTime, MaxResponseContentBufferSize = OidcLimits.AnswerOctets };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("JitsiMesh");
        return client;
    }

    private sealed class SchemeGuard(bool allowsPlain, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            allowsPlain || request.RequestUri?.Scheme == Uri.UriSchemeHttps
                ? base.SendAsync(request, cancellationToken)
                : Task.FromException<HttpResponseMessage>(new OidcRefusedException(OidcRefusal.BadAnswer));
    }
}

using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Auth.Tokens.Keys;

/// <summary>How a download ended.</summary>
internal enum DownloadOutcome
{
    Done,

    /// <summary>The server has no such file (404, 410).</summary>
    Missing,

    /// <summary>No answer, or an unusable one; the log tells which.</summary>
    Failed,
}

/// <param name="Outcome">The outcome.</param>
/// <param name="Content">The content, when done.</param>
/// <param name="Lifetime">How long it may be cached.</param>
/// <param name="Problem">The reason of a failure: one of a few fixed texts.</param>
internal sealed record DownloadResult(DownloadOutcome Outcome, byte[] Content, TimeSpan Lifetime, string Problem);

/// <summary>
/// Fetches keys from the server that the operator configured. That server may have any address, also in the operator's own network. A redirect must lead to a
/// public address: otherwise it could make this server send requests to hosts that only it can reach. Addresses are checked when the connection is made, so that DNS cannot change in between.
/// </summary>
internal sealed class KeyDownload : IDisposable
{
    private readonly Uri _configured;
    private readonly HttpClient _http;

    public KeyDownload(Uri configured)
    {
        _configured = configured;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = TokenLimits.HeaderKilobytes,
            MaxConnectionsPerServer = 8,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = ConnectAsync,

            // Send neither trace context nor baggage to an external server.
            ActivityHeadersPropagator = null,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("JitsiMesh");
    }

    public async Task<DownloadResult> GetAsync(Uri address)
    {
        using var time = new CancellationTokenSource(TokenLimits.DownloadTime);
        try
        {
            for (var redirects = 0; ; redirects++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, address);
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, time.Token);
                if (response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                {
                    if (redirects == TokenLimits.Redirects) return Failed("too many redirects");
                    if (response.Headers.Location is not { } location || !Uri.TryCreate(address, location, out var next) || !MayFollow(next)) return Failed("redirect refused");
                    address = next;
                    continue;
                }

                return await ReadAsync(response, time.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return Failed("too slow");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or InvalidOperationException or UriFormatException)
        {
            return Failed(exception.InnerException is RefusedAddressException ? "address refused" : "no answer");
        }
    }

    public void Dispose() => _http.Dispose();

    private static DownloadResult Failed(string problem) => new(DownloadOutcome.Failed, [], default, problem);

    private static async Task<DownloadResult> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone) return new DownloadResult(DownloadOutcome.Missing, [], default, "not found");
        if (response.StatusCode != HttpStatusCode.OK) return Failed(FormattableString.Invariant($"status {(int)response.StatusCode}"));
        if (response.Content.Headers.ContentLength > TokenLimits.DownloadOctets) return Failed("too long");
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await body.ReadAsync(buffer, cancellation)) > 0)
        {
            content.Write(buffer, 0, count);
            if (content.Length > TokenLimits.DownloadOctets) return Failed("too long");
        }

        return new DownloadResult(DownloadOutcome.Done, content.ToArray(), LifetimeOf(response), "");
    }

    /// <summary>Cache-Control's max-age less a minute, within bounds; <see cref="TokenLimits.DefaultKeyLifetime"/> without it.</summary>
    private static TimeSpan LifetimeOf(HttpResponseMessage response)
    {
        if (response.Headers.CacheControl is not { } control || (control.MaxAge is null && !control.NoStore && !control.NoCache)) return TokenLimits.DefaultKeyLifetime;
        var lifetime = control.NoStore || control.NoCache ? TimeSpan.Zero : control.MaxAge!.Value - TokenLimits.KeyLifetimeMargin;
        return lifetime < TokenLimits.ShortestKeyLifetime ? TokenLimits.ShortestKeyLifetime : lifetime > TokenLimits.LongestKeyLifetime ? TokenLimits.LongestKeyLifetime : lifetime;
    }

    private bool MayFollow(Uri next) => (next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && _configured.Scheme == Uri.UriSchemeHttp)) && next.UserInfo.Length == 0 && next.Host.Length > 0;

    private bool IsConfigured(DnsEndPoint end) => end.Port == _configured.Port && string.Equals(end.Host.Trim('[', ']'), _configured.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var end = context.DnsEndPoint;
        var addresses = await Dns.GetHostAddressesAsync(end.Host, cancellation);
        var allowed = IsConfigured(end) ? addresses : Array.FindAll(addresses, PublicAddresses.IsPublic);
        if (allowed.Length == 0) throw new RefusedAddressException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, end.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class RefusedAddressException() : IOException("The address is not a public one.");
}

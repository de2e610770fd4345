using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Signalling.Outbound;

/// <summary>Why there is no answer.</summary>
internal enum OutboundFailure
{
    None,

    /// <summary>Too slow, from connecting to the last octet.</summary>
    Timeout,

    /// <summary>No connection, or one that broke; a certificate that is not accepted.</summary>
    Unreachable,

    /// <summary>It leads elsewhere, which is not followed: what is sent is for the configured server alone.</summary>
    Redirect,

    TooLong,
}

/// <param name="Status">Of the answer; without meaning where there is none.</param>
/// <param name="Body">Empty where there is none.</param>
/// <param name="Failure">Why there is no answer.</param>
internal readonly record struct OutboundAnswer(HttpStatusCode Status, byte[] Body, OutboundFailure Failure)
{
    /// <summary>The status of an answer that began, even if its body did not arrive; 0 where none began.</summary>
    public HttpStatusCode Begun { get; init; }

    /// <summary>Why there is no connection, or why it broke, for an operator's own eyes.</summary>
    public Exception? Cause { get; init; }

    /// <summary>How long the server asks to be waited for (RFC 9110 section 10.2.3), or null.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>Requests to a server that the operator has named: bounded in time and size, no redirects, no proxy of the environment, no cookies, and nothing of our traces.</summary>
internal sealed class OutboundHttp : IDisposable
{
    private readonly TimeProvider _time;

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = SignallingLimits.OutboundHeaderKilobytes,
        MaxConnectionsPerServer = SignallingLimits.OutboundConnections,
        // What is left of an answer is not read for the connection's sake: that one ends.
        MaxResponseDrainSize = 0,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ActivityHeadersPropagator = null,
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    public OutboundHttp(TimeProvider time)
    {
        _time = time;
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("JitsiMesh");
    }

    /// <summary>Never throws but for the cancellation.</summary>
    public async Task<OutboundAnswer> SendAsync(HttpRequestMessage request, TimeSpan limit, int octets, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        var none = default(OutboundAnswer);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var begun = new OutboundAnswer(response.StatusCode, [], OutboundFailure.None) { Begun = response.StatusCode, RetryAfter = WaitOf(response) };
            none = begun with { Status = default };
            if ((int)response.StatusCode is >= 300 and < 400) return begun with { Failure = OutboundFailure.Redirect };
            if (response.Content.Headers.ContentLength > octets) return begun with { Failure = OutboundFailure.TooLong };
            await using var body = await response.Content.ReadAsStreamAsync(both.Token);
            var content = new byte[octets + 1];
            var length = await body.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, both.Token);
            return length > octets ? begun with { Failure = OutboundFailure.TooLong } : begun with { Body = content[..length] };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return none with { Body = [], Failure = OutboundFailure.Timeout };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or InvalidOperationException)
        {
            return none with { Body = [], Failure = OutboundFailure.Unreachable, Cause = exception };
        }
    }

    private TimeSpan? WaitOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - _time.GetUtcNow() is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };

    public void Dispose() => _http.Dispose();
}

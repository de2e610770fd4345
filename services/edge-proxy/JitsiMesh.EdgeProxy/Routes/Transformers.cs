using JitsiMesh.Hosting.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Yarp.ReverseProxy.Forwarder;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>Forwards the request unchanged, with the client's address as this edge knows it.</summary>
internal class ClientAddressTransformer : HttpTransformer
{
    public static readonly ClientAddressTransformer Instance = new();

    /// <summary>A trace of the mesh begins here: outside clients can neither add to it nor decide its sampling.</summary>
    private static readonly string[] TraceHeaders = [MeshSpan.Header, "tracestate", "baggage"];

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Remove("X-Forwarded-For");
        if (httpContext.Connection.RemoteIpAddress is { } address) proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-For", address.ToString());
        proxyRequest.Headers.Remove("X-Forwarded-Proto");
        foreach (var name in TraceHeaders) proxyRequest.Headers.Remove(name);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", httpContext.Request.Scheme);
    }
}

/// <summary>Signalling gets one path, the tenant as <c>prefix</c>, and the main domain as the host, as from Jitsi's web container.</summary>
/// <param name="path">The path of the endpoint in signalling.</param>
/// <param name="tenant">The tenant, or empty.</param>
/// <param name="domain">The main domain.</param>
/// <param name="span">The edge's span, which ends with signalling's answer; null without a trace.</param>
internal sealed class SignallingTransformer(string path, string tenant, string domain, MeshSpan? span) : ClientAddressTransformer
{
    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

        // A client that could set its own prefix would be in another tenant's rooms.
        var query = new QueryBuilder(httpContext.Request.Query.Where(p => !string.Equals(p.Key, "prefix", StringComparison.OrdinalIgnoreCase)).SelectMany(p => p.Value, (p, v) => KeyValuePair.Create(p.Key, v ?? ""))) { { "prefix", tenant } };
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, path, query.ToQueryString());
        proxyRequest.Headers.Host = domain;
        if (span is not null) proxyRequest.Headers.TryAddWithoutValidation(MeshSpan.Header, span.Context);
    }

    public override ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is { StatusCode: >= System.Net.HttpStatusCode.BadRequest }) span?.Fail("refused");
        span?.Dispose();
        return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }
}

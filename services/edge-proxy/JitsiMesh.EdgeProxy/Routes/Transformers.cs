using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Yarp.ReverseProxy.Forwarder;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>The request as it came, with the client's address as this edge knows it.</summary>
internal class ClientAddressTransformer : HttpTransformer
{
    public static readonly ClientAddressTransformer Instance = new();

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Remove("X-Forwarded-For");
        if (httpContext.Connection.RemoteIpAddress is { } address) proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-For", address.ToString());
        proxyRequest.Headers.Remove("X-Forwarded-Proto");
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", httpContext.Request.Scheme);
    }
}

/// <summary>Signalling hears one path, the tenant as <c>prefix</c>, and the main domain as the host, as from Jitsi's web container.</summary>
internal sealed class SignallingTransformer(string path, string tenant, string domain) : ClientAddressTransformer
{
    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

        // Whoever could say its own prefix would be in another tenant's rooms.
        var query = new QueryBuilder(httpContext.Request.Query.Where(p => p.Key != "prefix").SelectMany(p => p.Value, (p, v) => KeyValuePair.Create(p.Key, v ?? ""))) { { "prefix", tenant } };
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, path, query.ToQueryString());
        proxyRequest.Headers.Host = domain;
    }
}

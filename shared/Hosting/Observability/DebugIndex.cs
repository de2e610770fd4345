using JitsiMesh.Hosting.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace JitsiMesh.Hosting.Observability;

/// <summary>
/// <c>/debug</c>: the identity of this process, and its pages for operators. It lists all endpoints with <see cref="InnerPages.InnerPage"/>, so that the list is complete and
/// correct.
/// </summary>
internal static class DebugIndex
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var time = (TimeProvider?)routes.ServiceProvider.GetService(typeof(TimeProvider)) ?? TimeProvider.System;
        var began = time.GetTimestamp();
        routes.MapGet("/debug", (MeshNode node, DrainState drain, IEnumerable<MeshService> services, IEnumerable<EndpointDataSource> sources) => Results.Json(new
        {
            service = node.ServiceName,
            services = services.Select(service => service.Name).Distinct().Order(StringComparer.Ordinal),
            node = node.NodeId,
            version = InnerPages.Version,
            uptimeSeconds = (long)time.GetElapsedTime(began).TotalSeconds,
            draining = drain.Draining,
            pages = PagesOf(sources),
        })).InnerPage("this list");
    }

    private static IEnumerable<DebugPage> PagesOf(IEnumerable<EndpointDataSource> sources) => sources
        .SelectMany(source => source.Endpoints)
        .OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.GetMetadata<InnerPageText>() is not null && endpoint.RoutePattern.Parameters.Count == 0)
        .Select(endpoint => new DebugPage("/" + endpoint.RoutePattern.RawText!.TrimStart('/'), endpoint.Metadata.GetMetadata<InnerPageText>()!.Text))
        .DistinctBy(page => page.Path)
        .OrderBy(page => page.Path, StringComparer.Ordinal);

    private sealed record DebugPage(string Path, string What);
}

/// <summary>Endpoint metadata: the description of a page for operators.</summary>
internal sealed record InnerPageText(string Text);

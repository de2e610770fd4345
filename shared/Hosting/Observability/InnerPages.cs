using System.Net;
using System.Net.Sockets;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace JitsiMesh.Hosting.Observability;

/// <summary>
/// The pages for operators and their tools. But for health they are found on inner listeners only: on a public one, where the same process
/// has both, they do not exist.
/// </summary>
public static class InnerPages
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        // The old paths stay as aliases: monitoring that watched the Jitsi services keeps working.
        routes.MapHealthChecks("/health", Whole()).InnerPage("whether the service can work: 200, or 503 and what is at fault");

        // Load balancers in front of the edge ask on its public port: these say one word and are there too.
        foreach (var path in new[] { "/healthz/ready", "/about/health" }) routes.MapHealthChecks(path, Whole()).WithMetadata(new InnerPageText("the same as /health, on public ports too"));
        routes.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false }).WithMetadata(new InnerPageText("200 as long as the process answers, on public ports too"));
        routes.MapPrometheusScrapingEndpoint("/metrics").InnerPage("metrics for Prometheus");
        routes.MapGet("/about/version", () => Results.Json(new { name = "JitsiMesh", version = Version })).InnerPage("name and version");
        routes.MapGet("/debug/settings", (MeshSettings settings) => Results.Json(settings.Describe())).InnerPage("the settings in force that differ from their defaults, without secrets");
        routes.MapGet("/debug/node", (MeshNode node, ListenAddresses addresses, DrainState drain) =>
            Results.Json(new { node.ServiceName, node.NodeId, node.InOneProcess, drain.Draining, Listening = addresses.All })).InnerPage("the process: its node, its ports, whether it is on its way out");
        DebugIndex.Map(routes);
    }

    private static HealthCheckOptions Whole() => new() { ResponseWriter = HealthText.WriteAsync };

    public static string Version { get; } = typeof(InnerPages).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Hides an endpoint from public listeners: it matches there like a path that nobody has mapped.</summary>
    public static TBuilder OnInnerListenersOnly<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(InnerListenersOnly.Instance);
        return builder;
    }

    /// <summary>A page for operators: on inner listeners only, and in the list of <c>/debug</c>.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="text">What it shows, in one line.</param>
    public static TBuilder InnerPage<TBuilder>(this TBuilder builder, string text) where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new InnerPageText(text));
        return builder.OnInnerListenersOnly();
    }

    /// <summary>The inner port of all-in-one: as set, else 8080 on MESH_LISTEN_ADDRESS (loopback), else any free one, so that a second copy starts too.</summary>
    internal static BindPort LoopbackPort(MeshSettings settings)
    {
        var wanted = settings.InnerPort(KnownSettings.MeshHttpPort);
        if (settings.IsSet(KnownSettings.MeshHttpPort) || wanted.Address is null || !IPAddress.IsLoopback(wanted.Address)) return wanted;
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, wanted.Port);
            probe.Start();
            return new BindPort(IPAddress.Loopback, wanted.Port);
        }
        catch (SocketException)
        {
            return new BindPort(IPAddress.Loopback, 0);
        }
    }
}

using JitsiMesh.Hosting.Observability;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.SipGateway;

/// <summary>The composition of the telephone gateway.</summary>
public static class SipGatewayModule
{
    public static IHostApplicationBuilder AddSipGateway(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddMeshService("sip-gateway");
        return builder;
    }

    public static IEndpointRouteBuilder MapSipGateway(this IEndpointRouteBuilder routes) => routes;
}

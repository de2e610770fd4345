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
        builder.AddMeshService("sip-gateway", "this version has neither telephone nor captions: the gateway is healthy, makes and takes no calls, and a request to dial is refused at once");
        return builder;
    }

    public static IEndpointRouteBuilder MapSipGateway(this IEndpointRouteBuilder routes) => routes;
}

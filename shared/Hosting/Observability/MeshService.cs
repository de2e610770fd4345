using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Hosting.Observability;

/// <summary>A service whose module is in this process.</summary>
/// <param name="Name">As in deployments: signalling, focus, media-bridge, sip-gateway, recorder, auth, edge-proxy.</param>
public sealed record MeshService(string Name);

public static class MeshServiceRegistration
{
    /// <summary>Each module says who it is; <c>/debug</c> lists them.</summary>
    public static IHostApplicationBuilder AddMeshService(this IHostApplicationBuilder builder, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(new MeshService(name));
        return builder;
    }
}

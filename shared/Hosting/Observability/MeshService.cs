using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Hosting.Observability;

/// <summary>A service whose module runs in this process.</summary>
/// <param name="Name">As in deployments: signalling, focus, media-bridge, sip-gateway, recorder, auth, edge-proxy.</param>
/// <param name="Missing">What it does not support in this version although an operator would expect it, as a sentence for the log; null for nothing.</param>
public sealed record MeshService(string Name, string? Missing = null);

public static class MeshServiceRegistration
{
    /// <summary>Each module registers itself; <c>/debug</c> lists them. A separate process logs at its start what is missing.</summary>
    public static IHostApplicationBuilder AddMeshService(this IHostApplicationBuilder builder, string name, string? missing = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(new MeshService(name, missing));
        return builder;
    }
}

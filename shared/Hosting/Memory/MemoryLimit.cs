using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Hosting.Memory;

/// <summary>The memory limit of this process, from its setting.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Octets">The limit of the whole process.</param>
public sealed record MemoryLimit(string Name, long Octets)
{
    /// <summary>
    /// Octets of the heap: three quarters, as .NET does it by itself below a container's limit. The rest is for machine code, stacks, OpenSSL and sockets.
    /// </summary>
    public long Heap => Octets / 4 * 3;

    /// <param name="serviceName">The service's own setting applies, else MESH_MAX_MEMORY; a single process has only the latter.</param>
    /// <param name="settings">Those of this process.</param>
    /// <returns>Null where there is no limit.</returns>
    public static MemoryLimit? Of(string serviceName, MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var own = serviceName switch
        {
            "focus" => KnownSettings.JicofoMaxMemory,
            "media-bridge" => KnownSettings.VideobridgeMaxMemory,
            "signalling" => KnownSettings.SignallingMaxMemory,
            "auth" => KnownSettings.AuthMaxMemory,
            "edge-proxy" => KnownSettings.EdgeMaxMemory,
            _ => KnownSettings.MaxMemory,
        };
        var setting = settings.IsSet(own) ? own : KnownSettings.MaxMemory;
        var octets = settings.Get(setting);
        return octets == 0 ? null : new MemoryLimit(setting.Name, octets);
    }
}

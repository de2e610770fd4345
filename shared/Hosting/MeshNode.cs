using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;

namespace JitsiMesh.Hosting;

/// <summary>Which service this process is, and which start of it.</summary>
public sealed record MeshNode
{
    /// <summary>signalling, focus, media-bridge, sip-gateway, recorder, auth, edge-proxy or all-in-one.</summary>
    public required string ServiceName { get; init; }

    /// <summary>Unique for each start: the node's name and some random digits.</summary>
    public required string NodeId { get; init; }

    /// <summary>The operator's name for the node, the same after a restart.</summary>
    public required string NodeName { get; init; }

    /// <summary>Every service's module lives in this process: in-process calls, no secrets needed.</summary>
    public required bool InOneProcess { get; init; }

    public static MeshNode Create(string serviceName, MeshSettings settings, IRandomSource random) => new()
    {
        ServiceName = serviceName,
        NodeName = settings.NodeName,
        NodeId = $"{settings.NodeName}-{random.NextHex(8)}",
        InOneProcess = serviceName == AllInOneName,
    };

    public const string AllInOneName = "all-in-one";
}

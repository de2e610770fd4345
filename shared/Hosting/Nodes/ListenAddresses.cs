using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Hosting.Nodes;

/// <summary>The ports on which this process really listens, known once it has started: a setting of 0 lets the system choose.</summary>
public sealed class ListenAddresses
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the listeners are open.</summary>
    public Task Known => _known.Task;

    /// <summary>The inner HTTP port, or 0 before <see cref="Known"/> and where there is none.</summary>
    public int HttpPort { get; private set; }

    public int GrpcPort { get; private set; }

    /// <summary>All addresses in the order in which they were configured, such as <c>http://[::]:8080</c>.</summary>
    public IReadOnlyList<string> All { get; private set; } = [];

    internal void Set(IServer server, MeshListeners listeners)
    {
        All = [.. server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];
        HttpPort = Port(listeners.HttpIndex);
        GrpcPort = Port(listeners.GrpcIndex);
        _known.TrySetResult();
    }

    /// <summary>The port of the n-th configured listener.</summary>
    public int Port(int? index) => index is { } i && i < All.Count ? new Uri(All[i].Replace("[::]", "localhost", StringComparison.Ordinal).Replace("*", "localhost", StringComparison.Ordinal)).Port : 0;
}

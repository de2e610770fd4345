using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>A port whose datagrams arrive over connections that other threads read. It signals arrivals by itself, and its connections can end.</summary>
internal interface IConnectedPort : IDatagramPort
{
    /// <summary>Wakes the loop when something has arrived; the loop sets it before <see cref="Begin"/>.</summary>
    Action? Wake { get; set; }

    /// <summary>Starts to accept connections.</summary>
    void Start();

    /// <summary><see cref="IDatagramPort.Receive"/> or <see cref="TryTakeClosed"/> would return something.</summary>
    bool HasArrived { get; }

    /// <summary>Called after a received datagram was handled: a connection whose first datagram belongs to no endpoint is closed.</summary>
    void Identify(int index, BridgeShard shard);

    /// <summary>The endpoint ended; its connections are closed.</summary>
    void Release(BridgeEndpoint owner);

    /// <summary>A connection that had sent something ended.</summary>
    bool TryTakeClosed(out TransportAddress remote);
}

using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>A port whose datagrams come over connections that others read: it has arrivals of its own, and connections that end.</summary>
internal interface IConnectedPort : IDatagramPort
{
    /// <summary>Wakes the loop when something has arrived; set before anything does.</summary>
    Action? Wake { get; set; }

    /// <summary>Begins to take connections.</summary>
    void Start();

    /// <summary><see cref="IDatagramPort.Receive"/> or <see cref="TryTakeClosed"/> would give something.</summary>
    bool HasArrived { get; }

    /// <summary>After a received datagram was handled: a sender that has not shown whose it is has now, or is cut off.</summary>
    void Identify(int index, BridgeShard shard);

    /// <summary>The endpoint has ended, and its connections with it.</summary>
    void Release(BridgeEndpoint owner);

    /// <summary>A connection that had sent something has ended.</summary>
    bool TryTakeClosed(out TransportAddress remote);
}

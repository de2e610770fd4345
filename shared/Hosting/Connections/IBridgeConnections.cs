using Grpc.Core;
using JitsiMesh.Contracts.Bridge;

namespace JitsiMesh.Hosting.Connections;

/// <summary>How focus reaches a bridge's control, by the address that its <c>BridgeStatusReported</c> names.</summary>
public interface IBridgeConnections
{
    /// <summary>
    /// The invoker for <c>inproc:ID</c> or <c>http://host:port</c>, for a <see cref="BridgeControl.BridgeControlClient"/>. Never throws for an unreachable address: its calls
    /// fail with UNAVAILABLE.
    /// </summary>
    CallInvoker Invoker(string controlAddress);

    /// <summary>Makes a bridge of this process reachable as <c>inproc:ID</c> until disposed.</summary>
    IDisposable Register(string bridgeId, BridgeControl.BridgeControlBase bridge);
}

using Grpc.Core;

namespace JitsiMesh.Contracts.Bridges;

/// <summary>Opens the gRPC control of a bridge. In one process the call goes straight to the service, in a cluster over a shared channel.</summary>
public interface IBridgeConnections
{
    /// <param name="controlAddress">As <see cref="Bus.BridgeStatusReported.ControlAddress"/> says: <c>http://host:port</c>, or <c>inproc:ID</c>.</param>
    /// <returns>An invoker that may be kept and used by several callers at once. A bridge that cannot be reached fails the call with <c>UNAVAILABLE</c>.</returns>
    CallInvoker For(string controlAddress);
}

using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.Kit.Endpoints;

/// <summary>A headless endpoint as a peer of a virtual network. Two of one endpoint are equal.</summary>
public sealed record EndpointPeer(HeadlessEndpoint Endpoint) : INetworkPeer
{
    public MonotonicTime NextTimeout => Endpoint.NextTimeout;

    public void HandleTimeout(MonotonicTime now) => Endpoint.HandleTimeout(now);

    public void HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now) => Endpoint.HandleDatagram(datagram, local, remote, now);

    public bool TryDequeueTransmit(out VirtualDatagram datagram)
    {
        var any = Endpoint.TryDequeueTransmit(out var transmit);
        datagram = new VirtualDatagram(transmit.Source, transmit.Destination, transmit.Bytes);
        return any;
    }
}

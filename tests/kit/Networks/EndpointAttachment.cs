using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.Kit.Networks;

public static class EndpointAttachment
{
    /// <summary>Puts a headless endpoint at addresses of the network.</summary>
    public static void Attach(this VirtualNetwork network, HeadlessEndpoint endpoint, params TransportAddress[] addresses)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.Attach(new EndpointPeer(endpoint), addresses);
    }

    /// <summary>Detaches the endpoint.</summary>
    public static void Detach(this VirtualNetwork network, HeadlessEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.Detach(new EndpointPeer(endpoint));
    }
}

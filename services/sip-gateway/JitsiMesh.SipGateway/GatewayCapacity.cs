using JitsiMesh.Hosting.Bus;

namespace JitsiMesh.SipGateway;

/// <summary>No calls are taken yet, and focus is told so: it refuses a dial request at once instead of trying.</summary>
internal sealed class GatewayCapacity : IWorkerCapacity
{
    public string Kind => "sip-gateway";

    public int Capacity => 0;

    public int Busy => 0;
}

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>Bounds on incoming packets of an endpoint.</summary>
public static class IngressLimits
{
    /// <summary>The maximum length of an RTP payload. A longer one is dropped and counted: no path carries it in one packet, and a receiver's header may be longer than the sender's.</summary>
    public const int MaxPayloadBytes = 1500;
}

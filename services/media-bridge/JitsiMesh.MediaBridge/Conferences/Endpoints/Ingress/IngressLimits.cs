namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>Bounds of what an endpoint sends.</summary>
public static class IngressLimits
{
    /// <summary>
    /// Octets of one RTP payload. A longer one is dropped and counted: no path carries it in one piece, and the header that a receiver gets may be longer than the
    /// sender's.
    /// </summary>
    public const int MaxPayloadBytes = 1500;
}

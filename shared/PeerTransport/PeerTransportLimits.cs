namespace JitsiMesh.PeerTransport;

public static class PeerTransportLimits
{
    /// <summary>DTLS datagrams stored until a pair is valid: a browser's first flight and its retransmissions. The oldest is dropped and counted; the browser repeats it.</summary>
    public const int MaxEarlyDtls = 16;

    /// <summary>Events queued for the owner, which drains them after each input. Further messages are dropped and counted.</summary>
    public const int MaxQueuedEvents = 1024;
}

namespace JitsiMesh.PeerTransport;

public static class PeerTransportLimits
{
    /// <summary>DTLS datagrams kept until a pair is valid: a browser's first flight and its repetitions. The oldest is dropped and counted; the browser repeats it.</summary>
    public const int MaxEarlyDtls = 16;

    /// <summary>Events that wait for the owner, who drains them after each input. Messages beyond it are dropped and counted.</summary>
    public const int MaxQueuedEvents = 1024;
}

namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>Bounds of ICE over TCP (RFC 6544).</summary>
public static class IceTcpLimits
{
    /// <summary>Connections at once; a further one is closed as soon as it is there.</summary>
    public const int MaxConnections = 4096;

    /// <summary>Connections at once from one address (an IPv6 client's is its /64): an office behind one NAT has many people.</summary>
    public const int MaxPerAddress = 512;

    /// <summary>Connections that have not shown whose they are. Beyond it the oldest of them is closed: a client shows it with its first packet.</summary>
    public const int MaxWaiting = 1024;

    /// <summary>As <see cref="MaxWaiting"/>, from one address.</summary>
    public const int MaxWaitingPerAddress = 64;

    /// <summary>Connections of one endpoint: a browser opens one for each of its interfaces and each candidate.</summary>
    public const int MaxPerEndpoint = 16;

    /// <summary>Frames that a connection may have waiting for the media thread before it has shown whose it is.</summary>
    public const int MaxWaitingFrames = 4;

    /// <summary>Frames of one connection that wait for the media thread; a further one is dropped, as the kernel drops a datagram.</summary>
    public const int MaxQueuedFrames = 256;

    /// <summary>Frames of one port that wait for the media thread.</summary>
    public const int ArrivedFrames = 512;

    /// <summary>Bytes that wait to be written to one connection, at first and at most. A frame that finds no room is dropped whole.</summary>
    public const int FirstSendQueue = 8 * 1024;

    public const int MaxSendQueue = 256 * 1024;

    /// <summary>What the kernel may hold of it besides: more would only be delay.</summary>
    public const int SocketSendBuffer = 128 * 1024;

    /// <summary>TCP candidates of one description.</summary>
    public const int MaxCandidates = 24;

    public const int Backlog = 512;

    /// <summary>From the connection to its first authentic check.</summary>
    public static readonly TimeSpan IdentifyWithin = TimeSpan.FromSeconds(10);

    /// <summary>Without a frame for so long a connection is closed: clients check every way that they keep at least twice a minute.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(75);

    /// <summary>Without having taken a byte of what waits for it for so long it is closed.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(20);

    /// <summary>How often those times are looked at.</summary>
    public static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <summary>The pause after the system refused to accept (no descriptors left).</summary>
    public static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(200);
}

namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>Bounds of ICE over TCP (RFC 6544).</summary>
public static class IceTcpLimits
{
    /// <summary>Simultaneous connections; a further one is closed at once.</summary>
    public const int MaxConnections = 4096;

    /// <summary>Simultaneous connections from one address (an IPv6 client's is its /64): an office behind one NAT has many clients.</summary>
    public const int MaxPerAddress = 512;

    /// <summary>Unauthenticated connections. Beyond it the oldest of them is closed: a genuine client authenticates with its first packet.</summary>
    public const int MaxWaiting = 1024;

    /// <summary>Like <see cref="MaxWaiting"/>, from one address.</summary>
    public const int MaxWaitingPerAddress = 64;

    /// <summary>Connections of one endpoint: a browser opens one for each interface and candidate.</summary>
    public const int MaxPerEndpoint = 16;

    /// <summary>Frames of an unauthenticated connection that may wait for the media thread.</summary>
    public const int MaxWaitingFrames = 4;

    /// <summary>Frames of one connection that wait for the media thread; a further one is dropped, as the kernel drops a datagram.</summary>
    public const int MaxQueuedFrames = 256;

    /// <summary>Frames of one port that wait for the media thread.</summary>
    public const int ArrivedFrames = 512;

    /// <summary>The initial and the maximum number of bytes that wait to be written to one connection. A frame that does not fit is dropped completely.</summary>
    public const int FirstSendQueue = 8 * 1024;

    public const int MaxSendQueue = 256 * 1024;

    /// <summary>The kernel's buffer in addition to that: more would only add delay.</summary>
    public const int SocketSendBuffer = 128 * 1024;

    /// <summary>TCP candidates of one description.</summary>
    public const int MaxCandidates = 24;

    public const int Backlog = 512;

    /// <summary>The time limit from the connection to its first authentic check.</summary>
    public static readonly TimeSpan IdentifyWithin = TimeSpan.FromSeconds(10);

    /// <summary>A connection without a frame for this long is closed: clients check every pair that they keep at least twice a minute.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(75);

    /// <summary>A connection that accepts no byte of its waiting output for this long is closed.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(20);

    /// <summary>The interval of checking those times.</summary>
    public static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    /// <summary>The pause after the system refused an accept (no descriptors left).</summary>
    public static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(200);
}

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>Limits of the relay's sockets and connections. <see cref="JitsiMesh.Turn.TurnLimits"/> has those of allocations.</summary>
internal static class TurnHostLimits
{
    /// <summary>Octets queued for a client's TCP connection. Further packets are dropped, as by the full queue of a router: longer waiting would only delay the video.</summary>
    public const int StreamBacklogOctets = 128 * 1024;

    /// <summary>Initial size of the buffers of a connection; they grow as needed.</summary>
    public const int StreamBufferOctets = 4 * 1024;

    /// <summary>Messages that one connection may send while it has no allocation. One more closes it.</summary>
    public const int MessagesWithoutAllocation = 24;

    /// <summary>Octets of the UDP port's buffers, as far as the system grants them.</summary>
    public const int PortBufferOctets = 4 * 1024 * 1024;

    /// <summary>Octets of a relayed address's receive buffer: enough for a key frame that arrives at once.</summary>
    public const int RelayBufferOctets = 512 * 1024;

    /// <summary>Attempts to find an even port. After that the request fails.</summary>
    public const int PortAttempts = 16;

    /// <summary>Consecutive errors of a socket after which its loop ends.</summary>
    public const int SocketErrors = 100;

    /// <summary>Media addresses of one bridge. Further ones are left out.</summary>
    public const int AddressesOfBridge = 32;

    /// <summary>How long a connection may stay silent at first; browsers keep spare connections open for as long. Then it is closed.</summary>
    public static readonly TimeSpan FirstOctetTime = TimeSpan.FromSeconds(65);

    /// <summary>How long a TURN connection may be without an allocation. Then it is closed.</summary>
    public static readonly TimeSpan WithoutAllocationTime = TimeSpan.FromSeconds(20);

    /// <summary>Timeout for resolving the name of a bridge's host.</summary>
    public static readonly TimeSpan NameTime = TimeSpan.FromSeconds(3);

    /// <summary>How often ended allocations and silent bridges are removed.</summary>
    public static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long the local address that leads to the bridges is cached.</summary>
    public static readonly TimeSpan RouteTime = TimeSpan.FromSeconds(10);
}

namespace JitsiMesh.EdgeProxy.Limits;

/// <summary>What one client may ask of the edge. Open connections are bounded by settings (<see cref="ConnectionLimiter"/>).</summary>
internal static class EdgeLimits
{
    /// <summary>Octets of a request's body: nothing that is posted here is larger than a conference request. More is refused with 413, and is not read.</summary>
    public const long RequestBodyOctets = 64 * 1024;

    /// <summary>Octets of a request line, which holds the token of a login. A longer one is refused with 414.</summary>
    public const int RequestLineOctets = 16 * 1024;

    /// <summary>Octets of all headers of a request. More is refused with 431.</summary>
    public const int RequestHeaderOctets = 32 * 1024;

    /// <summary>Headers of a request. One more is refused with 431.</summary>
    public const int RequestHeaders = 100;

    /// <summary>Requests and WebSockets that one HTTP/2 connection may have open. One more is refused by the protocol.</summary>
    public const int StreamsOfConnection = 100;

    /// <summary>Octets a second below which a request's body is too slow, once <see cref="SlowBodyGrace"/> is over: the connection is closed.</summary>
    public const double SlowestBodyRate = 240;

    /// <summary>
    /// Requests and WebSockets of one client address in flight, as a multiple of MESH_MAX_CONNECTIONS_PER_ADDRESS: each participant has a WebSocket of signalling and
    /// may have one of a bridge, and HTTP/2 or a trusted proxy carries many in one connection. One more is answered with 429.
    /// </summary>
    public const int RequestsOfConnectionLimit = 2;

    /// <summary>Tenants before a room in one path (nginx stops rewriting after as many). A longer path is not found.</summary>
    public const int PathTenants = 10;

    /// <summary>Peers without trust whose X-Forwarded-For is reported in the log, one line each. Further ones are not reported.</summary>
    public const int ReportedProxies = 8;

    /// <summary>How long the headers of a request may take. Then the connection is closed.</summary>
    public static readonly TimeSpan HeadersTime = TimeSpan.FromSeconds(15);

    /// <summary>How long a body may be slower than <see cref="SlowestBodyRate"/>.</summary>
    public static readonly TimeSpan SlowBodyGrace = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may be idle between requests. Then it is closed.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(65);
}

namespace JitsiMesh.EdgeProxy.Limits;

/// <summary>Limits for one client of the edge. Settings limit open connections (<see cref="ConnectionLimiter"/>).</summary>
internal static class EdgeLimits
{
    /// <summary>Octets of a request's body: except for stanzas no request here is larger than a conference request. A longer body is refused with 413, unread.</summary>
    public const long RequestBodyOctets = 64 * 1024;

    /// <summary>The same for a request over BOSH. Signalling accepts half of it, and reports a longer body to the client's session.</summary>
    public const long BoshBodyOctets = 1024 * 1024;

    /// <summary>Octets at the beginning of a BOSH request that are searched for the session's id. A request with the id further behind goes to any signalling node, which refuses it.</summary>
    public const int BoshTagOctets = 4096;

    /// <summary>Octets of a request's body for an external server, such as a document that Etherpad imports (Etherpad's own limit is as high). The body is streamed, not buffered.</summary>
    public const long OutsideBodyOctets = 50 * 1024 * 1024;

    /// <summary>Octets of a request line, which contains the token of a login. A longer one is refused with 414.</summary>
    public const int RequestLineOctets = 16 * 1024;

    /// <summary>Octets of all headers of a request. More is refused with 431.</summary>
    public const int RequestHeaderOctets = 32 * 1024;

    /// <summary>Headers of a request. One more is refused with 431.</summary>
    public const int RequestHeaders = 100;

    /// <summary>Requests and WebSockets that one HTTP/2 connection may have open. HTTP/2 itself refuses one more.</summary>
    public const int StreamsOfConnection = 100;

    /// <summary>Octets a second below which a request's body is too slow, once <see cref="SlowBodyGrace"/> is over: the connection is closed.</summary>
    public const double SlowestBodyRate = 240;

    /// <summary>
    /// Requests and WebSockets of one client address in flight, as a multiple of MESH_MAX_CONNECTIONS_PER_ADDRESS: each participant has a signalling WebSocket and
    /// may have a WebSocket to a bridge, and HTTP/2 or a trusted proxy carries many in one connection. One more is answered with 429.
    /// </summary>
    public const int RequestsOfConnectionLimit = 2;

    /// <summary>Tenants before a room in one path (nginx stops rewriting after the same number). A longer path is not found.</summary>
    public const int PathTenants = 10;

    /// <summary>Untrusted peers whose X-Forwarded-For is logged, one line each. Further ones are not logged.</summary>
    public const int ReportedProxies = 8;

    /// <summary>The shortest time between two reads of the store for challenges of other edges. Any client may request any token; a request between two reads waits for the next one.</summary>
    public static readonly TimeSpan ChallengeReadInterval = TimeSpan.FromSeconds(1);

    /// <summary>Timeout for the first record of a TLS connection, where it is inspected. Then the connection is closed.</summary>
    public static readonly TimeSpan HelloTime = TimeSpan.FromSeconds(10);

    /// <summary>Timeout for the headers of a request. Then the connection is closed.</summary>
    public static readonly TimeSpan HeadersTime = TimeSpan.FromSeconds(15);

    /// <summary>How long a body may be slower than <see cref="SlowestBodyRate"/>.</summary>
    public static readonly TimeSpan SlowBodyGrace = TimeSpan.FromSeconds(5);

    /// <summary>How long WebSockets and long polls stay open after the shutdown begins, so that the last stanzas of the services in this process still reach their clients.</summary>
    public static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(1);
}

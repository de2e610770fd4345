namespace JitsiMesh.Contracts.Bus;

/// <summary>The status of a bridge: sent every few seconds, and at once when drain or shutdown begins. The report with the highest number counts.</summary>
public sealed record BridgeStatusReported
{
    public required string BridgeId { get; init; }

    /// <summary>Grows with each report; together with <see cref="StartedAt"/> it orders the reports.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The address of its gRPC control: <c>http://host:port</c>, or <c>inproc:ID</c> in one process.</summary>
    public required string ControlAddress { get; init; }

    /// <summary>The address of its colibri-ws listener, for the edge: <c>http://host:port</c>.</summary>
    public string WebSocketAddress { get; init; } = "";

    /// <summary>The bridge's pool (JVB_BREWERY_MUC): only focus nodes of the same pool select it.</summary>
    public string Pool { get; init; } = DefaultPool;

    /// <summary>The media addresses that it offers to clients: the only peers of the edge's relay.</summary>
    public IReadOnlyList<BridgeMediaAddress> MediaAddresses { get; init; } = [];

    public string Region { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>1.0 means fully loaded.</summary>
    public double Stress { get; init; }

    public double AverageParticipantStress { get; init; } = 0.01;

    public int Endpoints { get; init; }

    public int Conferences { get; init; }

    public bool Healthy { get; init; } = true;

    public bool Drain { get; init; }

    public bool GracefulShutdown { get; init; }

    public bool ShuttingDown { get; init; }

    /// <summary>The pool of bridges without a configured pool.</summary>
    public const string DefaultPool = "jvbbrewery";
}

/// <summary>One media address of a bridge.</summary>
public sealed record BridgeMediaAddress
{
    /// <summary>ip:port as offered to clients; an IPv6 address in brackets.</summary>
    public required string Address { get; init; }

    /// <summary>ip:port of the bridge's own socket behind a NAT; empty if it equals <see cref="Address"/>, or is offered as well.</summary>
    public string Inner { get; init; } = "";
}

namespace JitsiMesh.Contracts.Bus;

/// <summary>A bridge tells how it is: every few seconds, and at once when drain or shutdown begin. The last one by number counts.</summary>
public sealed record BridgeStatusReported
{
    public required string BridgeId { get; init; }

    /// <summary>Grows with each report; together with <see cref="StartedAt"/> it orders them.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Where its gRPC control is: <c>http://host:port</c>, or <c>inproc:ID</c> in one process.</summary>
    public required string ControlAddress { get; init; }

    /// <summary>Where its colibri-ws listener is, for the edge: <c>http://host:port</c>.</summary>
    public string WebSocketAddress { get; init; } = "";

    public string Region { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>1.0 is full.</summary>
    public double Stress { get; init; }

    public double AverageParticipantStress { get; init; } = 0.01;

    public int Endpoints { get; init; }

    public int Conferences { get; init; }

    public bool Healthy { get; init; } = true;

    public bool Drain { get; init; }

    public bool GracefulShutdown { get; init; }

    public bool ShuttingDown { get; init; }
}

namespace JitsiMesh.Contracts.Bus;

/// <summary>A recorder or gateway tells how many more jobs it can take. Repeated every few seconds; silence for three periods means gone.</summary>
public sealed record WorkerCapacityReported
{
    /// <summary>recorder or sip-gateway.</summary>
    public required string Kind { get; init; }

    public required string WorkerId { get; init; }

    public required long Number { get; init; }

    public required int Capacity { get; init; }

    public required int Busy { get; init; }

    public bool Healthy { get; init; } = true;
}

namespace JitsiMesh.Focus.BridgeSelection;

/// <summary>One bridge as it stands at one moment.</summary>
public sealed record BridgeSnapshot
{
    public required string BridgeId { get; init; }

    /// <summary>Names one run of the bridge: another after each start, so that what failed before does not count against it.</summary>
    public required string Instance { get; init; }

    public required string ControlAddress { get; init; }

    public string Region { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>Reported stress plus what was placed since: 1.0 is full.</summary>
    public double Stress { get; init; }

    public bool Overloaded { get; init; }

    /// <summary>False when it has failed, or fell silent.</summary>
    public bool Operational { get; init; } = true;

    public bool Drain { get; init; }

    /// <summary>It failed to allocate for several conferences lately: new ones go elsewhere if they can.</summary>
    public bool Suspect { get; init; }

    public bool GracefulShutdown { get; init; }

    public bool ShuttingDown { get; init; }

    public int Endpoints { get; init; }

    /// <summary>People are to be moved away from it at once.</summary>
    public bool Lost => !Operational || ShuttingDown;
}

/// <summary>The bridges of the mesh at one moment.</summary>
public sealed record BridgePoolSnapshot(IReadOnlyList<BridgeSnapshot> Bridges)
{
    public static readonly BridgePoolSnapshot Empty = new([]);

    public BridgeSnapshot? Find(string bridgeId) => Bridges.FirstOrDefault(bridge => bridge.BridgeId == bridgeId);
}

namespace JitsiMesh.Focus.BridgeSelection;

/// <summary>One bridge at one moment.</summary>
public sealed record BridgeSnapshot
{
    public required string BridgeId { get; init; }

    /// <summary>Identifies one run of the bridge. It changes with each start, so that failures before a restart do not count.</summary>
    public required string Instance { get; init; }

    public required string ControlAddress { get; init; }

    public string Region { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>Reported stress plus the endpoints placed since that report; 1.0 is full.</summary>
    public double Stress { get; init; }

    public bool Overloaded { get; init; }

    /// <summary>False when the bridge failed or stopped reporting.</summary>
    public bool Operational { get; init; } = true;

    public bool Drain { get; init; }

    /// <summary>Several allocations of different conferences failed lately: new conferences go to other bridges if there are any.</summary>
    public bool Suspect { get; init; }

    public bool GracefulShutdown { get; init; }

    public bool ShuttingDown { get; init; }

    public int Endpoints { get; init; }

    /// <summary>Its participants must move to another bridge at once.</summary>
    public bool Lost => !Operational || ShuttingDown;
}

/// <summary>The bridges of the mesh at one moment.</summary>
public sealed record BridgePoolSnapshot(IReadOnlyList<BridgeSnapshot> Bridges)
{
    public static readonly BridgePoolSnapshot Empty = new([]);

    public BridgeSnapshot? Find(string bridgeId) => Bridges.FirstOrDefault(bridge => bridge.BridgeId == bridgeId);
}

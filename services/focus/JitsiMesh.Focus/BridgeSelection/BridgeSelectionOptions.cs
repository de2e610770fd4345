using JitsiMesh.Contracts.Bus;

namespace JitsiMesh.Focus.BridgeSelection;

public sealed record BridgeSelectionOptions
{
    /// <summary>From this stress on a bridge is overloaded and gets new conferences only if all are.</summary>
    public double StressThreshold { get; init; } = 0.8;

    /// <summary>How long a placed endpoint counts on top of what its bridge reports.</summary>
    public TimeSpan ParticipantRampUp { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Silence after which a bridge is no longer operational: three reports missed, and one late.</summary>
    public TimeSpan StatusTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a bridge that failed is left alone, unless it starts anew.</summary>
    public TimeSpan FailureReset { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a failed allocation counts against a bridge.</summary>
    public TimeSpan SuspectWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Between two health checks. Two in a row that find nobody lose a bridge.</summary>
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>The pool whose bridges are chosen from; those of others are passed over.</summary>
    public string Pool { get; init; } = BridgeStatusReported.DefaultPool;

    /// <summary>Stress that a placed endpoint counts for; what its bridge says when null.</summary>
    public double? ParticipantStress { get; init; }

    /// <summary>Regions that are near each other: a bridge of the participant's group comes before one of another.</summary>
    public IReadOnlyList<IReadOnlyList<string>> RegionGroups { get; init; } = [];

    /// <summary>The region of participants who do not name one.</summary>
    public string LocalRegion { get; init; } = "";
}

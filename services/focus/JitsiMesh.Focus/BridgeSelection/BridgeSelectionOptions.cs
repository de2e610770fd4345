using JitsiMesh.Contracts.Bus;

namespace JitsiMesh.Focus.BridgeSelection;

public sealed record BridgeSelectionOptions
{
    /// <summary>A bridge with this stress or more is overloaded and gets new conferences only if all bridges are overloaded.</summary>
    public double StressThreshold { get; init; } = 0.8;

    /// <summary>How long a placed endpoint counts in addition to the bridge's reported load.</summary>
    public TimeSpan ParticipantRampUp { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A bridge silent for this long is no longer operational: three reports missed, and one late.</summary>
    public TimeSpan StatusTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a failed bridge is avoided, unless it restarts.</summary>
    public TimeSpan FailureReset { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a failed allocation counts against a bridge.</summary>
    public TimeSpan SuspectWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The interval between two health checks. A bridge is lost after two unanswered checks in a row.</summary>
    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>The pool that bridges are chosen from; bridges of other pools are ignored.</summary>
    public string Pool { get; init; } = BridgeStatusReported.DefaultPool;

    /// <summary>The stress that a placed endpoint adds; null: the value that the bridge reports.</summary>
    public double? ParticipantStress { get; init; }

    /// <summary>Groups of nearby regions: a bridge in the participant's group is preferred to a bridge outside it.</summary>
    public IReadOnlyList<IReadOnlyList<string>> RegionGroups { get; init; } = [];

    /// <summary>The region of participants that do not name one.</summary>
    public string LocalRegion { get; init; } = "";
}

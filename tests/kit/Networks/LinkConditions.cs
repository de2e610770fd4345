namespace JitsiMesh.Kit.Networks;

/// <summary>How a virtual network treats datagrams; drawn separately for each.</summary>
public sealed record LinkConditions
{
    public static readonly LinkConditions Perfect = new();

    /// <summary>A bad mobile link: 40 ms one way, up to 20 ms jitter, losses, copies and overtaking.</summary>
    public static readonly LinkConditions Rough = new()
    {
        Latency = TimeSpan.FromMilliseconds(40),
        Jitter = TimeSpan.FromMilliseconds(20),
        Loss = 0.10,
        Duplication = 0.05,
        Reordering = 0.10,
    };

    /// <summary>One way.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>A uniform extra delay between zero and this.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Probability of a loss, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>Probability that one more datagram is lost right after a lost one (bursts), 0 to 1.</summary>
    public double BurstLoss { get; init; }

    /// <summary>The probability that a second copy arrives, with its own delay.</summary>
    public double Duplication { get; init; }

    /// <summary>Probability that a datagram is held up by <see cref="ReorderingDelay"/>, so that later ones overtake it.</summary>
    public double Reordering { get; init; }

    public TimeSpan ReorderingDelay { get; init; } = TimeSpan.FromMilliseconds(50);
}

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>Bounds and times of a shard's loop.</summary>
public static class LoopLimits
{
    /// <summary>Queued requests for the loop; a further one is refused as overloaded.</summary>
    public const int MaxCommands = 4096;

    /// <summary>Batches received from one port before timers and commands get their turn.</summary>
    public const int MaxBatches = 4;

    /// <summary>Failed turns in a row; after the last one the loop gives up, and the health check fails. With the pauses between them that takes half a minute.</summary>
    public const int MaxFailedTurns = 40;

    /// <summary>The longest sleep.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause after a failed turn; it doubles from turn to turn.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    /// <summary>The interval at which the loop publishes its load. Reading its CPU time is a system call, too expensive for each turn.</summary>
    public static readonly TimeSpan MeterInterval = TimeSpan.FromMilliseconds(100);
}

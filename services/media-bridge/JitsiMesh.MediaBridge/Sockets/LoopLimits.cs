namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>Bounds and times of a shard's loop.</summary>
public static class LoopLimits
{
    /// <summary>Requests that wait for the loop; a further one is refused as overloaded.</summary>
    public const int MaxCommands = 4096;

    /// <summary>Batches taken from one port before timers and commands get their turn.</summary>
    public const int MaxBatches = 4;

    /// <summary>Turns of the loop that fail one after another; with the last it gives up, and health says so. With the pauses between them that is half a minute.</summary>
    public const int MaxFailedTurns = 40;

    /// <summary>The longest sleep.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause after a turn that failed; it doubles from turn to turn.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);

    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    /// <summary>How often the loop tells how busy it was. Asking for its CPU time is a call of the system, too dear for each turn.</summary>
    public static readonly TimeSpan MeterInterval = TimeSpan.FromMilliseconds(100);
}

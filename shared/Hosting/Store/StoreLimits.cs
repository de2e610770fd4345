namespace JitsiMesh.Hosting.Store;

/// <summary>The store's bounds, and what happens at each.</summary>
public static class StoreLimits
{
    /// <summary>How long a deleted document's epoch is remembered. A former owner that writes later than this would bring the document back.</summary>
    public static readonly TimeSpan TombstoneLifetime = TimeSpan.FromMinutes(10);

    /// <summary>How long one call to Redis is tried again while the connection is down. Then the call throws.</summary>
    public static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(20);

    /// <summary>How long a write waits until a replica has it, where there are Sentinels. Then it counts as not written, and is tried again.</summary>
    public static readonly TimeSpan ReplicaPatience = TimeSpan.FromSeconds(1);

    /// <summary>Between two tries of one call.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);
}

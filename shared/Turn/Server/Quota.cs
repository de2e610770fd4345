using JitsiMesh.Primitives;

namespace JitsiMesh.Turn.Server;

/// <summary>The usage of one user or one client address: allocations, and octets a second.</summary>
internal sealed class Quota(int octetsPerSecond)
{
    // A burst of one second is allowed: a key frame arrives at once.
    private readonly TokenBucket _octets = new(octetsPerSecond, octetsPerSecond);

    public int Allocations { get; set; }

    public bool TryRelay(int octets, MonotonicTime now) => _octets.TryTake(octets, now);
}

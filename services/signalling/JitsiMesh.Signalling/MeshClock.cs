using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling;

/// <summary>Reads the clock once for each input; the cores get the result.</summary>
public sealed class MeshClock(TimeProvider time)
{
    private readonly long _origin = time.GetTimestamp();

    public TimeProvider Time { get; } = time;

    public MeshInstant Now => new(MonotonicTime.Zero + Time.GetElapsedTime(_origin), Time.GetUtcNow());
}

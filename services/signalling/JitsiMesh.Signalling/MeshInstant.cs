using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling;

/// <summary>The time of one input: the monotonic clock for deadlines, the wall clock for stamps that people read.</summary>
public readonly record struct MeshInstant(MonotonicTime Now, DateTimeOffset Utc);

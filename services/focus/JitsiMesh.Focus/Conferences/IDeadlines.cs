using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>A part of a conference that has deadlines in its slice.</summary>
internal interface IDeadlines
{
    /// <summary>The first of them, or <see cref="MonotonicTime.Never"/>.</summary>
    MonotonicTime NextDeadline { get; }

    /// <summary>Moves every deadline that is due to <paramref name="later"/>: what was to be done then failed by a bug of ours.</summary>
    void PutOff(MonotonicTime later);
}

using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>A part of a conference that has deadlines in its slice.</summary>
internal interface IDeadlines
{
    /// <summary>The earliest deadline, or <see cref="MonotonicTime.Never"/>.</summary>
    MonotonicTime NextDeadline { get; }

    /// <summary>Moves every due deadline to <paramref name="later"/>, because its handling failed with a bug.</summary>
    void PutOff(MonotonicTime later);
}

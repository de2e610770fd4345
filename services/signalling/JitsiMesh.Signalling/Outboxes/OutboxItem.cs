using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Outboxes;

/// <summary>An entry that waits, without its payload.</summary>
/// <param name="Id">Of the entry.</param>
/// <param name="Sequence">Its place among those of its order key.</param>
/// <param name="OrderKey">Empty where it waits for no other.</param>
/// <param name="FirstTime">When it was put.</param>
internal sealed record OutboxItem(string Id, long Sequence, string OrderKey, DateTimeOffset FirstTime)
{
    /// <summary>Its place among those of one sequence, which were put at once.</summary>
    public int Index { get; init; }

    /// <summary>The number of the put whose payload it has: another one than <see cref="Sequence"/> when it was put again.</summary>
    public long Number { get; set; } = Sequence;

    /// <summary>Tries that have failed.</summary>
    public int Tries { get; set; }

    /// <summary>When it may be tried, on this process' clock.</summary>
    public MonotonicTime Due { get; set; } = MonotonicTime.Zero;

    /// <summary>Since when its payload is missed.</summary>
    public MonotonicTime? MissedSince { get; set; }

    /// <summary>It was removed by somebody else.</summary>
    public bool IsGone { get; set; }
}

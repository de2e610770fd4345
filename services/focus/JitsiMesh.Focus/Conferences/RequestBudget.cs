using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// The used part of a participant's request budget: <see cref="FocusLimits.RequestBurst"/> at once, refilled by <see cref="FocusLimits.RequestsPerSecond"/>. A token bucket as
/// a value, so that the next owner continues from it.
/// </summary>
/// <param name="Taken">The used part of the burst at <paramref name="At"/>.</param>
public readonly record struct RequestBudget(double Taken, MonotonicTime At)
{
    public bool TryTake(double cost, MonotonicTime now, out RequestBudget after)
    {
        var since = now > At ? (now - At).TotalSeconds : 0;
        var taken = Math.Max(0, Taken - (since * FocusLimits.RequestsPerSecond)) + cost;
        after = new RequestBudget(taken, MonotonicTime.Max(now, At));
        return taken <= FocusLimits.RequestBurst;
    }
}

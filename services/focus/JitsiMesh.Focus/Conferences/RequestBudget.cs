using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// How much of its requests a participant has used up: <see cref="FocusLimits.RequestBurst"/> at once, and
/// <see cref="FocusLimits.RequestsPerSecond"/> come back. A token bucket as a value, so that the next owner continues the count.
/// </summary>
/// <param name="Taken">Of the burst, at <paramref name="At"/>.</param>
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

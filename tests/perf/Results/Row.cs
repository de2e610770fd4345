namespace JitsiMesh.Perf.Results;

/// <summary>Which side of its budget is good.</summary>
internal enum Direction
{
    AtLeast,
    AtMost,
}

/// <summary>The limit for a number.</summary>
/// <param name="Direction">Which side is good.</param>
/// <param name="Limit">In the unit of the number it is compared with.</param>
/// <param name="Text">The text for readers.</param>
internal sealed record Budget(Direction Direction, double Limit, string Text)
{
    public static Budget AtLeast(double limit, string text) => new(Direction.AtLeast, limit, text);

    public static Budget AtMost(double limit, string text) => new(Direction.AtMost, limit, text);

    public bool Holds(double value) => Direction == Direction.AtLeast ? value >= Limit : value <= Limit;

    /// <summary>Over by more than a factor of two: a regression, not noise.</summary>
    public bool IsFarOver(double value) => Direction == Direction.AtLeast ? value < Limit / 2 : value > Limit * 2;
}

/// <summary>One line of the table at the end.</summary>
/// <param name="What">The name of the measurement.</param>
/// <param name="Ours">Our number with its unit and spread.</param>
/// <param name="Peer">The peer's, or why there is none.</param>
/// <param name="Ratio">JitsiMesh divided by the peer; null without a peer.</param>
/// <param name="Budget">Null where the design names none: the row is for information.</param>
/// <param name="Judged">The number that the budget limits: the ratio, or the absolute value for an absolute budget. Null: not available.</param>
internal sealed record Row(string What, string Ours, string Peer, double? Ratio, Budget? Budget, double? Judged)
{
    /// <summary>A rate of this build against another build of JitsiMesh in the same turns; a change may cost 5 %.</summary>
    public static Row Paired(string what, Samples ours, Samples other)
    {
        var ratio = ours.Median / other.Median;
        return new Row(what, Table.Spread(ours, "/s"), Table.Spread(other, "/s"), ratio, Budget.AtLeast(0.95, ">= 0.95"), ratio);
    }

    public string Verdict => Budget is null ? "" : Judged is not { } value || double.IsNaN(value) ? "not measured" : Budget.Holds(value) ? "within" : "OVER";

    public bool IsFarOver => Budget is not null && Judged is { } value && Budget.IsFarOver(value);
}

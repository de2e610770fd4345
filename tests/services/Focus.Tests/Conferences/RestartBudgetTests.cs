using System.Collections.Immutable;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Tests.Conferences;

public class RestartBudgetTests
{
    [Theory]
    [InlineData(new double[] { 0, 5, 10 }, new[] { true, true, true })]
    [InlineData(new double[] { 0, 4.9, 5 }, new[] { true, false, true })]
    [InlineData(new double[] { 0, 10, 20, 30, 40, 50, 60 }, new[] { true, true, true, true, true, false, true })]
    public void TryTake_OverTime_KeepsBothLimits(double[] seconds, bool[] granted)
    {
        var past = ImmutableArray<MonotonicTime>.Empty;
        var results = new List<bool>();
        foreach (var second in seconds)
        {
            results.Add(RestartBudget.TryTake(past, new RestartLimits(), MonotonicTime.FromSeconds(second), out var after));
            if (results[^1]) past = after;
        }

        Assert.Equal(granted, results);
    }
}

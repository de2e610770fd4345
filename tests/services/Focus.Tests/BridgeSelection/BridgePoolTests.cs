using JitsiMesh.Contracts.Bus;
using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Tests.BridgeSelection;

public class BridgePoolTests
{
    private static readonly DateTimeOffset Start = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly BridgePool _pool = new(new BridgeSelectionOptions());

    private static MonotonicTime At(double seconds) => MonotonicTime.FromSeconds(seconds);

    private static BridgeStatusReported Report(long number, DateTimeOffset? startedAt = null) => new() { BridgeId = "jvb-1", Number = number, StartedAt = startedAt ?? Start, ControlAddress = "inproc:jvb-1", Stress = 0.1 };

    private BridgeSnapshot One(double at) => _pool.Snapshot(At(at)).Bridges.Single();

    [Fact]
    public void Observe_OlderNumber_IsPassedOver()
    {
        _pool.Observe(Report(5) with { Stress = 0.5 }, At(0));
        _pool.Observe(Report(4) with { Stress = 0.9 }, At(1));
        _pool.Observe(Report(5) with { Stress = 0.9 }, At(1));
        Assert.Equal(0.5, One(1).Stress);
        _pool.Observe(Report(1, Start.AddSeconds(-9)) with { Stress = 0.9 }, At(1));
        Assert.Equal(0.5, One(1).Stress);
    }

    [Fact]
    public void Observe_AnotherPool_IsPassedOver()
    {
        var pool = new BridgePool(new BridgeSelectionOptions { Pool = "mine" });
        pool.Observe(Report(1), At(0));
        Assert.Empty(pool.Snapshot(At(0)).Bridges);
        pool.Observe(Report(1) with { Pool = "mine" }, At(0));
        Assert.Single(pool.Snapshot(At(0)).Bridges);
    }

    [Theory]
    [InlineData(null, 0.12)]
    [InlineData(0.05, 0.2)]
    public void EndpointPlaced_CountsAsMuchAsTheBridgeOrTheOperatorSays(double? set, double expected)
    {
        var pool = new BridgePool(new BridgeSelectionOptions { ParticipantStress = set });
        pool.Observe(Report(1), At(0));
        pool.EndpointPlaced("jvb-1", At(0));
        pool.EndpointPlaced("jvb-1", At(0));
        Assert.Equal(expected, pool.Snapshot(At(1)).Bridges.Single().Stress, 6);
    }

    [Fact]
    public void Snapshot_AfterTenSecondsOfSilence_IsLost_AndLaterForgotten()
    {
        _pool.Observe(Report(1), At(0));
        Assert.True(One(10).Operational);
        Assert.False(One(10.1).Operational);
        Assert.True(One(10.1).Lost);
        _pool.Observe(Report(2), At(12));
        Assert.True(One(12).Operational);
        Assert.Empty(_pool.Snapshot(At(100)).Bridges);
    }

    [Fact]
    public void Snapshot_SilentOnTheBusButAnsweringChecks_IsNotLost()
    {
        // As while the broker is away.
        _pool.Observe(Report(1), At(0));
        for (var i = 1; i <= 120; i++) _pool.HealthChecked("jvb-1", One(i).Instance, HealthOutcome.Healthy, At(i));
        Assert.True(One(125).Operational);
        Assert.False(One(131).Operational);
    }

    [Fact]
    public void HealthChecked_UnreachableTwice_IsLostUntilItStartsAnew()
    {
        _pool.Observe(Report(1), At(0));
        var instance = One(0).Instance;
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Unreachable, At(1));
        Assert.True(One(1).Operational);
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Healthy, At(2));
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Unreachable, At(3));
        Assert.True(One(3).Operational);
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Unreachable, At(4));
        Assert.False(One(4).Operational);
        _pool.Observe(Report(1, Start.AddMinutes(1)), At(5));
        Assert.True(One(5).Operational);
        Assert.NotEqual(instance, One(5).Instance);
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Unhealthy, At(6));
        Assert.True(One(6).Operational);
    }

    [Fact]
    public void HealthChecked_TimedOut_CountsOnlyWhileReportsStayAway()
    {
        _pool.Observe(Report(1), At(0));
        for (var second = 1; second <= 6; second++) _pool.HealthChecked("jvb-1", One(0).Instance, HealthOutcome.TimedOut, At(second));
        Assert.True(One(6).Operational);
        _pool.HealthChecked("jvb-1", One(0).Instance, HealthOutcome.TimedOut, At(7));
        Assert.False(One(7).Operational);
    }

    [Fact]
    public void HealthChecked_HealthyAfterUnreachable_PutsItBack_ButNotAfterUnhealthy()
    {
        _pool.Observe(Report(1), At(0));
        var instance = One(0).Instance;
        _pool.Unreachable("jvb-1", instance, At(1));
        Assert.False(One(1).Operational);
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Healthy, At(2));
        Assert.True(One(2).Operational);
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Unhealthy, At(3));
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Unreachable, At(4));
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Unreachable, At(5));
        _pool.HealthChecked("jvb-1", instance, HealthOutcome.Healthy, At(6));
        Assert.False(One(6).Operational);
    }

    [Fact]
    public void AllocationFailed_MakesABridgeSuspectOnlyForSeveralConferences_AndNeverLost()
    {
        _pool.Observe(Report(1), At(0));
        var instance = One(0).Instance;
        for (var i = 0; i < 1_000; i++) _pool.AllocationFailed("jvb-1", instance, i % 2 == 0 ? "a" : "b", At(1));
        Assert.False(One(1).Suspect);
        _pool.AllocationFailed("jvb-1", instance, "c", At(2));
        Assert.True(One(2) is { Suspect: true, Operational: true, Lost: false, Overloaded: false });
        for (var second = 3; second <= 63; second += 3) _pool.Observe(Report(second), At(second));
        Assert.False(One(62).Suspect);
        _pool.AllocationFailed("jvb-1", "jvb-1|another run", "d", At(62));
        Assert.False(One(62).Suspect);
    }

    [Fact]
    public void HealthChecked_Unhealthy_IsLostAtOnceForAMinute()
    {
        _pool.Observe(Report(1), At(0));
        _pool.HealthChecked("jvb-1", One(0).Instance, HealthOutcome.Unhealthy, At(1));
        for (var second = 2; second <= 64; second += 2) _pool.Observe(Report(second), At(second));
        Assert.False(One(60.9).Operational);
        Assert.True(One(61).Operational);
    }

    [Fact]
    public void Observe_ShuttingDown_Stays()
    {
        _pool.Observe(Report(1) with { GracefulShutdown = true, ShuttingDown = true, Drain = true }, At(0));
        _pool.Observe(Report(2), At(1));
        var bridge = One(1);
        Assert.True(bridge.GracefulShutdown && bridge.ShuttingDown && bridge.Lost);
        Assert.False(bridge.Drain);
    }

    [Fact]
    public void EndpointPlaced_CountsForTwentySeconds()
    {
        _pool.Observe(Report(1) with { Stress = 0.75 }, At(0));
        for (var i = 0; i < 6; i++) _pool.EndpointPlaced("jvb-1", At(0));
        Assert.Equal(0.81, One(1).Stress, 3);
        Assert.True(One(1).Overloaded);
        _pool.Observe(Report(2) with { Stress = 0.75 }, At(19));
        Assert.False(One(20.1).Overloaded);
    }

    [Fact]
    public void Observe_Unhealthy_IsNotOperational()
    {
        _pool.Observe(Report(1) with { Healthy = false }, At(0));
        Assert.True(One(0).Lost);
    }
}

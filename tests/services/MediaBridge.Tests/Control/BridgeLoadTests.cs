using JitsiMesh.Hosting.Settings;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.MediaBridge.Tests.Control;

/// <summary>Stress, computed from a loop and a machine of which the test says what they did.</summary>
public sealed class BridgeLoadTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MediaBridgeOptions _options = new() { RefuseAtStress = 1 };
    private readonly BridgeLoad _load;
    private MachineCpu _machine = new(0, 1);
    private LoopUse _loop = new(MonotonicTime.FromSeconds(5), TimeSpan.Zero, TimeSpan.Zero, 0);

    public BridgeLoadTests()
    {
        _load = new BridgeLoad(_options, _time, () => _machine);
        _load.Sample(_loop);
    }

    [Fact]
    public void One_full_thread_of_a_machine_of_sixteen_processors_is_full_stress()
    {
        Pass(busy: 3, late: 0, machineOfSixteen: 1);
        Assert.True(_load.Stress >= 1, $"{_load.Stress}");
        Assert.False(_load.IsOverloaded);
        Pass(busy: 3, late: 0, machineOfSixteen: 1);
        Assert.True(_load.IsOverloaded);
        Assert.Equal(1, _load.ThreadUse, 3);
        Assert.True(_load.MachineUse < 0.1);
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.45, 0.5)]
    [InlineData(0.9, 1.0)]
    public void Stress_is_the_share_of_one_processor_that_the_thread_takes_over_what_counts_as_full(double use, double stress)
    {
        Pass(busy: 3 * use, late: 0, machineOfSixteen: 0);
        Assert.Equal(stress, _load.Stress, 3);
    }

    [Fact]
    public void A_loop_that_is_late_is_under_stress_whatever_it_takes()
    {
        for (var i = 0; i < 8; i++) Pass(busy: 0.3, late: 100, machineOfSixteen: 0.5);
        Assert.Equal(100, _load.Lag.TotalMilliseconds, 0.5);
        Assert.Equal(2, _load.Stress, 1);
        Assert.True(_load.IsOverloaded);
    }

    [Fact]
    public void One_pause_is_no_overload_and_is_forgotten()
    {
        Pass(busy: 0.3, late: 80, machineOfSixteen: 0.5);
        Assert.False(_load.IsOverloaded);
        for (var i = 0; i < 5; i++) Pass(busy: 0.3, late: 0, machineOfSixteen: 0.5);
        Assert.True(_load.Lag < TimeSpan.FromMilliseconds(2));
    }

    [Fact]
    public void A_loop_that_tells_nothing_is_stuck_and_under_stress()
    {
        for (var i = 0; i < 2; i++)
        {
            Assert.False(_load.IsOverloaded);
            _time.Advance(TimeSpan.FromSeconds(3));
            _load.Sample(_loop);
            Assert.True(_load.Stress >= 10);
        }

        Assert.True(_load.IsOverloaded);
    }

    [Theory]
    [InlineData(BridgeLoad.FewestDue - 1, false)]
    [InlineData(BridgeLoad.FewestDue, true)]
    public void Lateness_of_few_things_says_nothing(int due, bool counts)
    {
        for (var i = 0; i < 5; i++) Pass(busy: 0.1, late: 2000, machineOfSixteen: 0, due);
        Assert.Equal((counts, counts), (_load.Lag > TimeSpan.Zero, _load.IsOverloaded));
    }

    [Fact]
    public void Full_samples_that_do_not_follow_each_other_are_no_overload()
    {
        for (var i = 0; i < 6; i++)
        {
            Pass(busy: i % 2 == 0 ? 3 : 0.1, late: 0, machineOfSixteen: 0);
            Assert.False(_load.IsOverloaded);
        }
    }

    [Fact]
    public void A_busy_machine_is_stress_for_focus_but_refuses_nobody()
    {
        for (var i = 0; i < 8; i++) Pass(busy: 0.1, late: 0, machineOfSixteen: 16);
        Assert.True(_load.Stress >= 1.1, $"{_load.Stress}");
        Assert.False(_load.IsOverloaded);
    }

    [Fact]
    public void Samples_that_follow_too_closely_change_nothing()
    {
        Pass(busy: 3, late: 0, machineOfSixteen: 0);
        var before = _load.Stress;
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _load.Sample(_loop with { At = _loop.At + TimeSpan.FromMilliseconds(100) });
        Assert.Equal(before, _load.Stress);
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("0.5", true)]
    [InlineData("1.2", false)]
    public void Where_conferences_are_refused_is_a_setting(string value, bool refused)
    {
        var options = MediaBridgeModule.FromSettings(MeshSettings.From([KeyValuePair.Create<string, string?>("MESH_BRIDGE_REFUSE_AT_STRESS", value)]));
        _options.RefuseAtStress = options.RefuseAtStress;
        for (var i = 0; i < 2; i++) Pass(busy: 3, late: 0, machineOfSixteen: 0);
        Assert.Equal(refused, _load.IsOverloaded);
    }

    [Theory]
    [InlineData("cpu  10 0 10 70 10 0 0 0 5 5", 20, 100)]
    [InlineData("cpu  10 0 10 70", 20, 90)]
    public void The_machines_use_is_read_as_the_kernel_writes_it(string line, double busy, double total) => Assert.Equal(new MachineCpu(busy, total), MachineCpu.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("cpu0 1 2 3 4")]
    [InlineData("cpu 1 2")]
    [InlineData("cpu 1 2 x 4 5")]
    public void Other_lines_are_none(string line) => Assert.Null(MachineCpu.Parse(line));

    [Fact]
    public void A_meter_tells_what_its_thread_took_and_how_late_it_was()
    {
        var cpu = TimeSpan.Zero;
        var meter = new LoopMeter(() => cpu);
        var now = MonotonicTime.FromSeconds(9);
        meter.OnTurn(now);
        for (var i = 0; i < 10; i++)
        {
            now += TimeSpan.FromMilliseconds(50);
            cpu += TimeSpan.FromMilliseconds(20);
            meter.OnDone(TimeSpan.FromMilliseconds(i));
            meter.OnDone(TimeSpan.FromMilliseconds(-5));
            meter.OnTurn(now);
        }

        Assert.Equal(new LoopUse(now, cpu, TimeSpan.FromMilliseconds(45), 20), meter.Published);
    }

    [Fact]
    public void Where_the_system_does_not_tell_a_threads_time_all_counts_that_it_did_not_sleep()
    {
        var meter = new LoopMeter(() => null);
        meter.OnTurn(MonotonicTime.FromSeconds(10));
        var before = meter.Published.Busy;
        meter.OnSlept(TimeSpan.FromSeconds(3));
        meter.OnTurn(MonotonicTime.FromSeconds(14));
        Assert.Equal(TimeSpan.FromSeconds(1), meter.Published.Busy - before);
    }

    private void Pass(double busy, double late, double machineOfSixteen, int due = 100)
    {
        var span = TimeSpan.FromSeconds(3);
        _time.Advance(span);
        _loop = new LoopUse(_loop.At + span, _loop.Busy + TimeSpan.FromSeconds(busy), _loop.Late + TimeSpan.FromMilliseconds(late * due), _loop.Due + due);
        _machine = new MachineCpu(_machine.Busy + (machineOfSixteen * 3), _machine.Total + 48);
        _load.Sample(_loop);
    }
}

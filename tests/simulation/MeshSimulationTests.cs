using System.Collections.Concurrent;
using System.Globalization;
using JitsiMesh.Simulation.Tests.Runs;
using Xunit;
using Xunit.Abstractions;

namespace JitsiMesh.Simulation.Tests;

/// <summary>
/// A mesh of signalling and focus nodes, bridges and clients in one process on virtual time. <c>JITSIMESH_SEED</c> replays one run,
/// <c>MESH_SIMULATION_SEEDS</c> says how many there are.
/// </summary>
public class MeshSimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void Without_crashes_everybody_hears_and_sees_everybody()
    {
        RunAll(50, new SimulationOptions(Crashes: false));
    }

    [Fact]
    public void Crashes_of_signalling_and_focus_nodes_break_no_invariant()
    {
        RunAll(Seeds(), new SimulationOptions());
    }

    [Fact]
    public void One_seed_is_one_run()
    {
        using var first = new SimulatedMesh(7);
        using var second = new SimulatedMesh(7);
        foreach (var mesh in new[] { first, second })
        {
            foreach (var client in mesh.Clients) mesh.Scheduler.After(TimeSpan.FromMilliseconds(300), client.Join);
            mesh.Scheduler.RunUntil(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(first.Scheduler.Trace, second.Scheduler.Trace);
        Assert.NotEmpty(first.Scheduler.Trace);
    }

    private void RunAll(int seeds, SimulationOptions options)
    {
        if (Environment.GetEnvironmentVariable("JITSIMESH_SEED") is { Length: > 0 } one)
        {
            if (SimulationRun.Run(ulong.Parse(one, CultureInfo.InvariantCulture), options) is { } broken) Assert.Fail(broken);
            return;
        }

        var failures = new ConcurrentBag<(int Seed, string What)>();
        Parallel.For(1, seeds + 1, seed =>
        {
            if (SimulationRun.Run((ulong)seed, options) is { } what) failures.Add((seed, what));
        });
        if (failures.IsEmpty) return;
        output.WriteLine($"{failures.Count} of {seeds} seeds");
        foreach (var (_, what) in failures.OrderBy(failure => failure.Seed).Take(60)) output.WriteLine(what.Split('\n')[0]);
        Assert.Fail(failures.MinBy(failure => failure.Seed).What);
    }

    private static int Seeds() =>
        int.TryParse(Environment.GetEnvironmentVariable("MESH_SIMULATION_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seeds)
            ? seeds
            : Environment.GetEnvironmentVariable("MESH_TEST_MODE") switch { "full" => 10_000, "ci" => 500, _ => 100 };
}

using System.Globalization;
using System.Text.RegularExpressions;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests;

/// <summary>What calls have cost comes back to the system when they are over.</summary>
public sealed partial class MemoryTests(ITestOutputHelper output)
{
    private const int People = 12;
    private const double MiB = 1024 * 1024;

    /// <summary>Of the idle process.</summary>
    private const double Share = 1.2;

    private readonly TestReport _report = new(output);

    [Fact]
    public async Task Some_time_after_the_last_call_a_process_is_about_as_small_as_before_the_first()
    {
        await using var mesh = await ProcessMesh.StartAsync(new Dictionary<string, string> { ["MESH_MEMORY_RETURN_AFTER"] = "4" });
        var returns = await ReturnedAsync(mesh, 0);
        var idle = mesh.WorkingSet;
        var most = idle;
        for (var round = 0; round < 2; round++)
        {
            await using var party = new Party(mesh, 71 + (ulong)round, TimeSpan.FromMilliseconds(5));
            await party.JoinAsync("memory", People, Party.SteadyMedia);
            await party.ExpectAsync("all see all", () => party.Clients.All(c => c.Read(p => p.Occupants.Count == People - 1)));
            await party.ExpectMediaAsync(party.Clients, packets: 10, frames: 2, seconds: 120);
            most = Math.Max(most, mesh.WorkingSet);
        }

        // A call of this size costs a start-up of code too, which stays; what is measured is all of it.
        await ReturnedAsync(mesh, returns);
        var after = mesh.WorkingSet;
        _report.Line($"memory of the process: idle {idle / MiB:F0} MiB, in calls of {People} {most / MiB:F0} MiB, after them {after / MiB:F0} MiB");
        Assert.True(after < idle * Share, string.Create(CultureInfo.InvariantCulture, $"{after / MiB:F0} MiB stay after the calls, {idle / MiB:F0} MiB were used before"));
    }

    [Fact]
    public async Task A_limit_of_memory_bounds_the_heap_of_the_process_at_three_quarters_of_it()
    {
        await using var mesh = await ProcessMesh.StartAsync(new Dictionary<string, string> { ["MESH_MAX_MEMORY"] = "512m" });

        // As the garbage collector sees it, not as the setting says it.
        Assert.Equal(384 * MiB, double.Parse(HeapLimit().Match(await mesh.InnerAsync("/metrics")).Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        Assert.True(mesh.WorkingSet < 512 * MiB);
    }

    [Fact]
    public async Task A_limit_with_which_nothing_could_start_is_refused_by_its_name()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var mesh = await ProcessMesh.StartAsync(new Dictionary<string, string> { ["MESH_MAX_MEMORY"] = "64m" });
        });

        Assert.Contains("FATAL: MESH_MAX_MEMORY: '64m' is not", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Waits until memory was given back once more.</summary>
    private static async Task<int> ReturnedAsync(ProcessMesh mesh, int before)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var count = CountOf(await mesh.InnerAsync("/metrics"));
            if (count > before) return count;
            await Task.Delay(TimeSpan.FromMilliseconds(500), limit.Token);
        }
    }

    private static int CountOf(string metrics) => Counter().Match(metrics) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^jitsimesh_memory_heap_limit_bytes(?:\{[^}]*\})? (\d+)", RegexOptions.Multiline)]
    private static partial Regex HeapLimit();

    [GeneratedRegex(@"^jitsimesh_memory_returns_total(?:\{[^}]*\})? (\d+)", RegexOptions.Multiline)]
    private static partial Regex Counter();
}

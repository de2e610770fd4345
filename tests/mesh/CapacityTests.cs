using JitsiMesh.Mesh.Tests.Scenarios;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests;

/// <summary>Many people, each test on a process-wide mesh of its own, so that its numbers are its own.</summary>
public sealed class CapacityTests(ITestOutputHelper output)
{
    private readonly TestReport _report = new(output);

    [Fact]
    public async Task Twenty_share_a_room()
    {
        await using var mesh = await InProcessMesh.StartAsync();
        await CapacityScenarios.ManyInOneRoom(mesh, "twenty", 20, _report);
        Assert.DoesNotContain(mesh.Log, l => l.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Fact]
    public async Task Fifty_rooms_of_three_stand_beside_each_other()
    {
        await using var mesh = await InProcessMesh.StartAsync();
        await CapacityScenarios.ManyRooms(mesh, "many-", 50, 3, _report);
        Assert.DoesNotContain(mesh.Log, l => l.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }
}

using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Hosting.Tests.Observability;

public sealed class HealthTextTests
{
    private static HealthReport Report(params (string Name, HealthStatus Status, string? Text)[] entries) =>
        new(entries.ToDictionary(entry => entry.Name, entry => new HealthReportEntry(entry.Status, entry.Text, TimeSpan.Zero, null, null)), TimeSpan.Zero);

    [Fact]
    public async Task A_store_that_does_not_answer_is_named_with_its_setting_and_without_its_password()
    {
        await using var store = new RedisMeshStore("127.0.0.1:1,abortConnect=false,password=s3cret", NullLogger<RedisMeshStore>.Instance);
        var result = await new StoreHealth(store).CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("MESH_REDIS", result.Description, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", result.Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await new StoreHealth(new InMemoryMeshStore(TimeProvider.System)).CheckHealthAsync(new HealthCheckContext())).Status);
    }

    [Fact]
    public void Operators_are_told_which_dependency_is_at_fault_and_strangers_are_not()
    {
        var report = Report(("drain", HealthStatus.Healthy, "x"), ("store", HealthStatus.Unhealthy, "Redis (MESH_REDIS) does not answer"), ("bridges", HealthStatus.Degraded, null));
        Assert.Equal("Unhealthy\nbridges: Degraded, no reason is known\nstore: Unhealthy, Redis (MESH_REDIS) does not answer", HealthText.Of(report, isPublic: false));
        Assert.Equal("Unhealthy", HealthText.Of(report, isPublic: true));
        Assert.Equal("Healthy", HealthText.Of(Report(("drain", HealthStatus.Healthy, null)), isPublic: false));
    }
}

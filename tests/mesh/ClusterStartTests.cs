using JitsiMesh.Kit.Processes;
using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests;

/// <summary>What a person reads whose cluster cannot start.</summary>
[Collection(ClusterGroup.Name)]
public sealed class ClusterStartTests
{
    [NeedsClusterFact]
    public async Task A_wrong_setting_ends_the_start_and_is_named()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await using var cluster = await ClusterProcess.StartAsync(settings: new Dictionary<string, string> { ["JVB_ADVERTISE_IPS"] = "not an address" });
        });

        Assert.Contains("ended before it was ready", error.Message, StringComparison.Ordinal);
        Assert.Contains("JVB_ADVERTISE_IPS", error.Message, StringComparison.Ordinal);
        Assert.Contains("ends as soon as it is started", error.Message, StringComparison.Ordinal);
    }
}

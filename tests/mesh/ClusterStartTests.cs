using JitsiMesh.Kit.Processes;
using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests;

/// <summary>What a person reads whose cluster cannot start, and what a <c>.env</c> says to one.</summary>
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

    [NeedsClusterFact]
    public async Task The_cluster_runs_with_the_ports_and_the_secrets_of_the_file()
    {
        await using var cluster = await ClusterProcess.StartAsync(settings: new Dictionary<string, string> { ["JVB_AUTH_PASSWORD"] = "0123456789abcdef", ["XMPP_DOMAIN"] = "example.org", ["JICOFO_MAX_MEMORY"] = "512m" }, byEnvFile: true);

        Assert.Contains($"Ready: {cluster.Url} ", cluster.Output, StringComparison.Ordinal);
        Assert.Contains(ListeningSockets.Of([cluster.Processes["media-bridge-1"]], []), socket => socket.Protocol == "udp" && socket.Local.Port == cluster.MediaPort);
        Assert.Contains("\"XMPP_DOMAIN\":\"example.org\"", await cluster.InnerAsync("signalling-1", "/debug/settings"), StringComparison.Ordinal);
        Assert.Contains($"\"CONFIG\":\"{cluster.Folder}\"", await cluster.InnerAsync("auth-1", "/debug/settings"), StringComparison.Ordinal);

        // Three quarters of what the file says are for the heap of the one service that it names.
        Assert.Matches(@"jitsimesh_memory_heap_limit_bytes(\{[^}]*\})? 402653184\b", await cluster.InnerAsync("focus-1", "/metrics"));
        Assert.DoesNotMatch(@"jitsimesh_memory_heap_limit_bytes(\{[^}]*\})? 402653184\b", await cluster.InnerAsync("auth-1", "/metrics"));

        // Focus and bridge prove themselves with the file's secret: one of the script's own in one of them alone would keep them apart.
        Assert.DoesNotContain(cluster.Log(), line => line.Line.Contains("0123456789abcdef", StringComparison.Ordinal));
        Assert.Contains("Healthy", await cluster.InnerAsync("focus-1", "/health"), StringComparison.Ordinal);
    }
}

using JitsiMesh.Hosting.Memory;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Hosting.Tests.Memory;

public sealed class MemoryLimitTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData("", "focus", null, 0)]
    [InlineData("JICOFO_MAX_MEMORY=1g", "focus", "JICOFO_MAX_MEMORY", 1024)]
    [InlineData("JICOFO_MAX_MEMORY=1g", "auth", null, 0)]
    [InlineData("VIDEOBRIDGE_MAX_MEMORY=3072M", "media-bridge", "VIDEOBRIDGE_MAX_MEMORY", 3072)]
    [InlineData("MESH_SIGNALLING_MAX_MEMORY=262144kb", "signalling", "MESH_SIGNALLING_MAX_MEMORY", 256)]
    [InlineData("MESH_AUTH_MAX_MEMORY=134217728", "auth", "MESH_AUTH_MAX_MEMORY", 128)]
    [InlineData("MESH_EDGE_MAX_MEMORY=134217728b", "edge-proxy", "MESH_EDGE_MAX_MEMORY", 128)]
    [InlineData("MESH_MAX_MEMORY=2g\nJICOFO_MAX_MEMORY=1g", "focus", "JICOFO_MAX_MEMORY", 1024)]
    [InlineData("MESH_MAX_MEMORY=2g\nJICOFO_MAX_MEMORY=0", "focus", null, 0)]
    [InlineData("MESH_MAX_MEMORY=2g", "recorder", "MESH_MAX_MEMORY", 2048)]
    [InlineData("MESH_MAX_MEMORY=2g\nJICOFO_MAX_MEMORY=1g", "all-in-one", "MESH_MAX_MEMORY", 2048)]
    public void A_process_has_the_limit_of_its_service_and_else_the_common_one(string env, string service, string? name, long mebibytes)
    {
        var limit = MemoryLimit.Of(service, MeshSettings.From(env.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))));

        Assert.Equal((name, mebibytes * MiB), (limit?.Name, limit?.Octets ?? 0));
    }

    [Fact]
    public void The_heap_has_three_quarters_of_it() => Assert.Equal(384 * MiB, new MemoryLimit("A", 512 * MiB).Heap);

    [Fact]
    public void A_process_beyond_its_limit_gives_back_first_and_ends_when_that_does_not_help()
    {
        // Two of a look are those before and after giving back, once a minute.
        var sizes = new Queue<long>([200, 201, 150, 199, 300, 250, 199, 300, 300, 300, 250]);
        var time = new FakeTimeProvider();
        var exitCode = Environment.ExitCode;
        var lifetime = new Lifetime();
        using var watch = new MemoryWatch(new MemoryLimit("MESH_MAX_MEMORY", 200 * MiB), lifetime, time, NullLogger<MemoryWatch>.Instance) { WorkingSet = () => sizes.Dequeue() * MiB };
        try
        {
            Assert.False(watch.IsOver(), "at its limit");
            Assert.False(watch.IsOver(), "beyond it, and below it again after giving back");
            Assert.False(watch.IsOver(), "below it");
            Assert.False(watch.IsOver(), "beyond it, within the minute");
            Assert.False(watch.IsOver(), "beyond it once more");
            Assert.False(watch.IsOver(), "below it again: the count begins anew");
            Assert.False(watch.IsOver(), "beyond it, within the minute");
            Assert.False(watch.IsOver(), "beyond it once more");
            Assert.False(lifetime.HasStopped);

            time.Advance(TimeSpan.FromMinutes(1));
            Assert.True(watch.IsOver(), "beyond it a third time, though it gave back");
            Assert.True(lifetime.HasStopped);
            Assert.Equal(1, Environment.ExitCode);
            Assert.Empty(sizes);
        }
        finally
        {
            Environment.ExitCode = exitCode;
        }
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public bool HasStopped { get; private set; }

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => HasStopped = true;
    }
}

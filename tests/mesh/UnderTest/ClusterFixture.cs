using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>One cluster of two bridges, two focus and two signalling nodes, for all scenarios on it. Started when the first asks.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public const string Scale = "media-bridge=2,focus=2,signalling=2";

    public ClusterMesh Mesh { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (NeedsClusterFactAttribute.Missing is null) Mesh = new ClusterMesh(await ClusterProcess.StartAsync(Scale, new Dictionary<string, string> { ["LOG_LEVEL"] = Environment.GetEnvironmentVariable("LOG_LEVEL") ?? "info" }));
    }

    public async Task DisposeAsync()
    {
        if (NeedsClusterFactAttribute.Missing is null) await Mesh.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class ClusterGroup : ICollectionFixture<ClusterFixture>
{
    public const string Name = "one cluster";
}

/// <summary>A test that needs RabbitMQ's and Redis's programs. Where one is missing it is skipped, and says so aloud.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsClusterFactAttribute : FactAttribute
{
    /// <param name="isLong">It takes minutes, and belongs to <c>./mesh test full</c>.</param>
    public NeedsClusterFactAttribute(bool isLong = false)
    {
        var missing = isLong ? MissingForLong : Missing;
        if (missing is null) return;
        Skip = $"SKIPPED (missing {missing})";
        Console.WriteLine(Skip);
    }

    public static string? Missing { get; } = new[] { "/usr/sbin/rabbitmq-server", "/usr/bin/redis-server" }.FirstOrDefault(program => !File.Exists(program));

    /// <summary>The same for a test that takes minutes.</summary>
    public static string? MissingForLong => Missing ?? (Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full" ? null : "./mesh test full");
}

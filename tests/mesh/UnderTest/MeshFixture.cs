namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>One mesh for the scenarios that leave it as they found it.</summary>
public sealed class MeshFixture : IAsyncLifetime
{
    public InProcessMesh Mesh { get; private set; } = null!;

    public async Task InitializeAsync() => Mesh = await InProcessMesh.StartAsync();

    public async Task DisposeAsync() => await Mesh.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class MeshGroup : ICollectionFixture<MeshFixture>
{
    public const string Name = "one mesh";
}

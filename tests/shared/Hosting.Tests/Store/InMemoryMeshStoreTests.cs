using JitsiMesh.Hosting.Store;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Hosting.Tests.Store;

public sealed class InMemoryMeshStoreTests
{
    [Theory]
    [MemberData(nameof(MeshStoreContract.Names), MemberType = typeof(MeshStoreContract))]
    public async Task Contract(string scenario)
    {
        var time = new FakeTimeProvider();
        await MeshStoreContract.RunAsync(scenario, new InMemoryMeshStore(time), span =>
        {
            time.Advance(span);
            return Task.CompletedTask;
        });
    }
}

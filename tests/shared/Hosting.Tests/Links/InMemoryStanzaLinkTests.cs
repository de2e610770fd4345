using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Hosting.Tests.Links;

public sealed class InMemoryStanzaLinkTests
{
    [Theory]
    [MemberData(nameof(StanzaLinkContract.Names), MemberType = typeof(StanzaLinkContract))]
    public async Task Contract(string scenario)
    {
        await using var cluster = new Cluster();
        await StanzaLinkContract.RunAsync(scenario, cluster);
    }

    private sealed class Cluster : ILinkCluster
    {
        private readonly InMemoryLinkHub _hub = new(new InMemoryMeshStore(TimeProvider.System));

        public Task<IStanzaLink> StartNodeAsync(string name) =>
            Task.FromResult<IStanzaLink>(new InMemoryStanzaLink(_hub, name, NullLogger<InMemoryStanzaLink>.Instance));

        public ValueTask DisposeAsync()
        {
            _hub.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

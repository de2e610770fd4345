using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Links.RabbitMq;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Hosting.Tests.Programs;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Hosting.Tests.Links;

public sealed class RabbitMqLinkEndTests
{
    [Fact]
    public async Task A_link_ends_though_its_senders_wait_for_a_broker_that_is_away()
    {
        var nobody = BusAddress.Of(new Uri($"amqp://guest:guest@127.0.0.1:{Ports.Free()}"));
        var link = new RabbitMqStanzaLink(nobody, "node", new InMemoryMeshStore(TimeProvider.System), NullLogger<RabbitMqStanzaLink>.Instance);
        var queue = LinkQueue.Partition("focus", 1);
        var sending = new[] { link.SendAsync(queue, StanzaLinkContract.Envelope("r@muc.meet.jitsi", 1)).AsTask(), link.SendAsync(queue, StanzaLinkContract.Envelope("r@muc.meet.jitsi", 2)).AsTask() };
        await link.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        foreach (var task in sending) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }
}

using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests;

/// <summary>A node that a newer owner has fenced off gives back what it could not handle.</summary>
public sealed class FencedMailboxTests
{
    private const string Call = "call@muc.meet.jitsi";

    [Fact]
    public async Task A_fenced_owner_says_so_and_gives_stanzas_of_its_sessions_to_the_link()
    {
        var partition = Partitions.Of(Call);
        var link = new RecordingLink();
        var store = new InMemoryMeshStore(TimeProvider.System);
        using var metrics = new SignallingMetrics();
        var clock = new MeshClock(TimeProvider.System);
        var services = new MailboxServices(store, new Deliverer(new SessionRegistry(clock, metrics), link, metrics, NullLogger<Deliverer>.Instance), clock, metrics, NullLogger<PartitionMailbox>.Instance);
        var features = new SignallingFeatures(new SignallingOptions());
        var owned = await OwnedRooms.AcquireAsync(features.CreatePartition(partition, new SeededRandomSource(1)), 1, services, CancellationToken.None);
        await using var mailbox = new PartitionMailbox(owned, services);
        await store.WriteAsync(Room.KeyPrefix(partition) + Call, 2, new DocumentChange());

        Assert.True(mailbox.TryPost(Input("<presence xmlns='jabber:client' to='call@muc.meet.jitsi/ann' type='unavailable'/>", "ann@meet.jitsi/r")));
        var join = Input("<presence xmlns='jabber:client' to='call@muc.meet.jitsi/focus'><x xmlns='http://jabber.org/protocol/muc'/></presence>", "focus@auth.meet.jitsi/focus");
        Assert.False(await mailbox.HandleAsync(join, CancellationToken.None));
        await mailbox.Over;

        var given = Assert.Single(link.Sent, sent => sent.Envelope.Stanza.Length > 0);
        Assert.Equal(LinkQueue.Partition("signalling", partition), given.Queue);
        Assert.Equal("ann@meet.jitsi/r", given.Envelope.Origin!.RealJid);
    }

    private static RoomInput Input(string stanza, string from)
    {
        Assert.True(XmppParser.TryParse(stanza, out var element, out _));
        return new RoomInput(Call, element, SessionInfo.Of(Jid.Parse(from), "signalling.node.n"));
    }

    private sealed class RecordingLink : IStanzaLink
    {
        public List<(LinkQueue Queue, StanzaEnvelope Envelope)> Sent { get; } = [];

        public string NodeId => "n";

        public ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default)
        {
            lock (Sent) Sent.Add((queue, envelope));
            return ValueTask.CompletedTask;
        }

        public ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default) => throw new NotSupportedException();
    }
}

using System.Collections.Concurrent;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests;

/// <summary>A broker may bring a mark back before it has confirmed that it took it.</summary>
public sealed class OwnershipMarkTests
{
    private const string Call = "call@muc.meet.jitsi";
    private const string Ann = "ann@meet.jitsi/r";

    [Fact]
    public async Task A_mark_that_comes_back_before_it_is_confirmed_releases_what_sessions_get()
    {
        var partition = Partitions.Of(Call);
        var link = new EagerLink();
        using var metrics = new SignallingMetrics();
        var clock = new MeshClock(TimeProvider.System);
        var sessions = new SessionRegistry(clock, metrics);
        var services = new MailboxServices(
            new InMemoryMeshStore(TimeProvider.System), new Deliverer(sessions, link, metrics, NullLogger<Deliverer>.Instance), clock, metrics, NullLogger<PartitionMailbox>.Instance);
        var owner = new PartitionOwner(new SignallingFeatures(new SignallingOptions()), new SeededRandomSource(1), services, NullLogger<PartitionOwner>.Instance);
        link.Node = new NodeConsumer(sessions, metrics, mark => owner.Mailbox(OwnershipMark.PartitionOf(mark))?.Release(mark));
        var ann = new Sink();
        Assert.True(sessions.TryAdd(Ann, ann));

        await owner.AcquiredAsync(partition, 1, CancellationToken.None);
        Assert.True(link.Waiting.TryDequeue(out var mark));
        await owner.ConsumeAsync(mark.Queue, mark.Envelope, CancellationToken.None);
        Assert.True(XmppParser.TryParse($"<iq xmlns='jabber:client' type='get' id='q' to='{Call}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>", out var question, out _));
        Assert.True(await owner.Mailbox(partition)!.HandleAsync(new RoomInput(Call, question, SessionInfo.Of(Jid.Parse(Ann), services.Deliverer.OwnQueue)), CancellationToken.None));

        Assert.Contains("id=\"q\"", Assert.Single(ann.Frames), StringComparison.Ordinal);
        await owner.LostAsync(partition);
    }

    /// <summary>The node's own queue is empty and its consumer idle: what is sent into it is there before the sender hears that it was taken.</summary>
    private sealed class EagerLink : IStanzaLink
    {
        public ConcurrentQueue<(LinkQueue Queue, StanzaEnvelope Envelope)> Waiting { get; } = [];

        public NodeConsumer? Node { get; set; }

        public string NodeId => "n";

        public async ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default)
        {
            if (queue == LinkQueue.Node("signalling", NodeId)) await Node!.ConsumeAsync(queue, envelope, cancellation);
            else Waiting.Enqueue((queue, envelope));
        }

        public ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default) => throw new NotSupportedException();
    }

    private sealed class Sink : IFrameSink
    {
        public ConcurrentQueue<string> Frames { get; } = [];

        public void Deliver(OutboundFrame frame) => Frames.Enqueue(frame.ToText(""));
    }
}

using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Links;

/// <summary>This node's part in owning rooms: a mailbox for each partition that it has, restored from the store.</summary>
public sealed partial class PartitionOwner(SignallingFeatures features, IRandomSource random, MailboxServices services, ILogger<PartitionOwner> logger) : IPartitionConsumer
{
    private readonly PartitionMailbox?[] _mailboxes = new PartitionMailbox?[Partitions.Count];
    private readonly long[] _focusEpochs = new long[Partitions.Count];

    public PartitionMailbox? Mailbox(int partition) => Volatile.Read(ref _mailboxes[partition]);

    public IEnumerable<PartitionMailbox> Owned
    {
        get
        {
            for (var i = 0; i < _mailboxes.Length; i++)
            {
                if (Mailbox(i) is { } mailbox) yield return mailbox;
            }
        }
    }

    public async ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation)
    {
        var rooms = features.CreatePartition(partition, random);
        foreach (var key in await services.Store.KeysAsync(Room.KeyPrefix(partition), cancellation))
        {
            if (await services.Store.ReadAsync(key, cancellation) is { } document) rooms.Restore(key, document);
        }

        if (rooms.Rooms.Count > 0) LogRestored(logger, partition, rooms.Rooms.Count);
        _focusEpochs[partition] = 0;
        Volatile.Write(ref _mailboxes[partition], new PartitionMailbox(rooms, epoch, services));
    }

    public async ValueTask LostAsync(int partition)
    {
        var mailbox = Mailbox(partition);
        Volatile.Write(ref _mailboxes[partition], null);
        if (mailbox is not null) await mailbox.DisposeAsync();
    }

    public async ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
    {
        var partition = Partitions.Of(envelope.Room);
        if (Mailbox(partition) is not { } mailbox) throw new InvalidOperationException($"Partition {partition} is not owned here.");
        if (envelope.Origin is null && envelope.ReplyQueue.Length == 0)
        {
            // Focus: what an older owner of the conference still sends no longer counts.
            if (envelope.Epoch > 0 && envelope.Epoch < _focusEpochs[partition])
            {
                services.Metrics.Refused("stale-epoch");
                return;
            }

            _focusEpochs[partition] = Math.Max(_focusEpochs[partition], envelope.Epoch);
        }

        if (LinkInput.FromEnvelope(envelope, features.Domains, mailbox.FocusQueue) is { } input) await mailbox.HandleAsync(input, cancellation);
        else services.Metrics.Refused("unreadable-envelope");
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Partition {Partition}: {Rooms} rooms go on here")]
    private static partial void LogRestored(ILogger logger, int partition, int rooms);
}

/// <summary>What rooms on other nodes send to sessions here.</summary>
public sealed class NodeConsumer(SessionRegistry sessions, SignallingMetrics metrics) : ILinkConsumer
{
    private readonly long[] _epochs = new long[Partitions.Count];

    public ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
    {
        var partition = Partitions.Of(envelope.Room);
        if (envelope.Epoch < _epochs[partition])
        {
            metrics.Refused("stale-epoch");
            return ValueTask.CompletedTask;
        }

        _epochs[partition] = envelope.Epoch;
        if (!XmppParser.TryParse(envelope.Stanza, out var stanza, out _))
        {
            metrics.Refused("unreadable-envelope");
            return ValueTask.CompletedTask;
        }

        var frame = OutboundFrame.Stanza(stanza);
        foreach (var recipient in envelope.Recipients) sessions.Deliver(recipient, frame);
        return ValueTask.CompletedTask;
    }
}

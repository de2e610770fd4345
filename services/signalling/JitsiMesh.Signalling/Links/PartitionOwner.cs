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
    private readonly OwnedRooms?[] _owned = new OwnedRooms?[Partitions.Count];

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
        var owned = await OwnedRooms.AcquireAsync(features.CreatePartition(partition, random), epoch, services, cancellation);
        if (owned.Rooms.Rooms.Count > 0) LogRestored(logger, partition, owned.Rooms.Rooms.Count);
        Volatile.Write(ref _owned[partition], owned);
        Volatile.Write(ref _mailboxes[partition], new PartitionMailbox(owned, services));
        try
        {
            // Only now: a mark that came through before the mailbox stood here would be lost, and with it all that this node's sessions get.
            await owned.MarkAsync(cancellation);
        }
        catch
        {
            await LostAsync(partition);
            throw;
        }
    }

    public async ValueTask LostAsync(int partition)
    {
        // Until the mailbox has given back what it did not handle, later stanzas of the same sessions wait behind it.
        if (Mailbox(partition) is { } mailbox) await mailbox.DisposeAsync();
        Volatile.Write(ref _mailboxes[partition], null);
    }

    public Task GivenUp(int partition) => Mailbox(partition)?.GivenUp ?? IPartitionConsumer.Never;

    public async ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
    {
        var partition = OwnershipMark.Is(envelope) ? OwnershipMark.PartitionOf(envelope) : Partitions.Of(envelope.Room);
        if (Mailbox(partition) is not { } mailbox) throw new InvalidOperationException($"Partition {partition} is not owned here.");
        if (OwnershipMark.Is(envelope)) mailbox.Release(envelope);
        else if (_owned[partition]!.Read(envelope, features.Domains) is { } input && !await mailbox.HandleAsync(input, cancellation)) throw new OwnershipLostException();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Partition {Partition}: this node continues {Rooms} rooms")]
    private static partial void LogRestored(ILogger logger, int partition, int rooms);
}

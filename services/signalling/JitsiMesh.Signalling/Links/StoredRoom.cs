using JitsiMesh.Contracts.Store;
using JitsiMesh.Signalling.Muc;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Links;

/// <summary>Reads a room and its journal from the store, where another version or somebody else may have written.</summary>
internal static partial class StoredRoom
{
    /// <summary>
    /// False for a document that cannot be read. It costs that room; thrown on, it would keep every room of the partition from every owner, again and again.
    /// A journal that cannot be read is a new one.
    /// </summary>
    public static bool TryRestore(RoomPartition rooms, string key, StoredDocument document, MailboxServices services, out RoomJournal? journal, out IReadOnlyList<RoomJournal.Outgoing> outbox)
    {
        (journal, outbox) = (null, []);
        try
        {
            rooms.Restore(key, document);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            services.Metrics.Refused("unreadable-room");
            LogUnreadable(services.Logger, exception, rooms.Context.Partition);
            return false;
        }

        try
        {
            journal = RoomJournal.Load(document, out var stored);
            outbox = [.. stored.Where(one => one is { Queue.Length: > 0, Envelope: { Room: not null, Stanza: not null, Recipients: not null } })];
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            (journal, outbox) = (null, []);
            services.Metrics.Refused("unreadable-journal");
            LogUnreadable(services.Logger, exception, rooms.Context.Partition);
        }

        return true;
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "Partition {Partition}: a stored room cannot be read and is left out")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, int partition);
}

using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Links;

/// <summary>Carries what rooms put out to the sessions of this node, to those of others, and to the services.</summary>
public sealed partial class Deliverer(SessionRegistry sessions, IStanzaLink link, SignallingMetrics metrics, ILogger<Deliverer> logger)
{
    private readonly string _ownQueue = LinkQueue.Node("signalling", link.NodeId).Name;

    /// <summary>The queue of this node's sessions.</summary>
    public string OwnQueue => _ownQueue;

    /// <summary>
    /// Whether sessions of this node get what rooms say through the node's queue too, where it stands until it is safe: so they survive the node. Otherwise it goes the short way inside of the node.
    /// </summary>
    public bool IsAllOverLink { get; init; }

    /// <summary>Sends the marks of a new ownership through the two queues.</summary>
    public async ValueTask MarkAsync(int partition, long epoch, CancellationToken cancellation)
    {
        await link.SendAsync(LinkQueue.Partition("signalling", partition), OwnershipMark.ForInputs(_ownQueue, partition, epoch), cancellation);
        await link.SendAsync(new LinkQueue(_ownQueue), OwnershipMark.ForDeliveries(_ownQueue, partition, epoch), cancellation);
    }

    /// <summary>What goes over the link, in order for each queue.</summary>
    public List<RoomJournal.Outgoing> Split(RoomOutputs outputs)
    {
        var result = Envelopes(outputs.Deliveries, queue => IsAllOverLink || queue != _ownQueue);
        foreach (var service in outputs.Services) result.Add(new RoomJournal.Outgoing(service.Queue.Name, service.Envelope));
        return result;
    }

    /// <summary>The same frames that <see cref="DeliverHere"/> brings, for the long way through this node's queue.</summary>
    public List<RoomJournal.Outgoing> SplitHere(IReadOnlyList<RoomDelivery> deliveries) => IsAllOverLink ? [] : Envelopes(deliveries, queue => queue == _ownQueue);

    private static List<RoomJournal.Outgoing> Envelopes(IReadOnlyList<RoomDelivery> deliveries, Func<string, bool> wanted)
    {
        var result = new List<RoomJournal.Outgoing>();
        foreach (var delivery in deliveries)
        {
            Dictionary<string, List<string>>? elsewhere = null;
            foreach (var recipient in delivery.To)
            {
                if (!wanted(recipient.Queue) || recipient.FullJid == delivery.Except) continue;
                elsewhere ??= new Dictionary<string, List<string>>(StringComparer.Ordinal);
                if (!elsewhere.TryGetValue(recipient.Queue, out var list)) elsewhere[recipient.Queue] = list = [];
                list.Add(recipient.FullJid);
            }

            if (elsewhere is null) continue;
            foreach (var (queue, recipients) in elsewhere)
            {
                result.Add(new RoomJournal.Outgoing(queue, new StanzaEnvelope
                {
                    Room = delivery.Room,
                    Stanza = delivery.Frame.ToText(""),
                    Recipients = recipients,
                    Sender = delivery.Number?.Sender ?? "",
                    Sequence = delivery.Number?.Sequence ?? 0,
                    MeetingId = delivery.Frame.MeetingId,
                }));
            }
        }

        return result;
    }

    /// <summary>Brings the frames for sessions of this node, where they do not go over the link.</summary>
    public void DeliverHere(IReadOnlyList<RoomDelivery> deliveries)
    {
        if (IsAllOverLink) return;
        foreach (var delivery in deliveries)
        {
            foreach (var recipient in delivery.To)
            {
                if (recipient.Queue == _ownQueue && recipient.FullJid != delivery.Except) sessions.Deliver(recipient.FullJid, delivery.Frame);
            }
        }
    }

    /// <summary>An input that is returned to the link: it was not handled here, and the room's present owner handles it.</summary>
    public static RoomJournal.Outgoing Forwarded(RoomInput input, int partition) => new(LinkQueue.Partition("signalling", partition).Name, input.ToEnvelope());

    /// <summary>
    /// Sends one envelope. An envelope that the link refuses is dropped. A cancellation of any origin is passed on: nobody knows then whether the link has it, so it must be sent again
    /// under its number, by this owner or by the next.
    /// </summary>
    public async ValueTask SendAsync(RoomJournal.Outgoing outgoing, long epoch, CancellationToken cancellation)
    {
        try
        {
            await link.SendAsync(new LinkQueue(outgoing.Queue), outgoing.Envelope with { Epoch = epoch }, cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            metrics.Refused("link-failure");
            LogNotSent(logger, exception, outgoing.Queue);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "An envelope for {Queue} could not be sent")]
    private static partial void LogNotSent(ILogger logger, Exception exception, string queue);
}

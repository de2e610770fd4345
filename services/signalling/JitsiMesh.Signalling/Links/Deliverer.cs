using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Links;

/// <summary>Carries what rooms put out to the sessions of this node, to those of others, and to the services.</summary>
public sealed partial class Deliverer(SessionRegistry sessions, IStanzaLink link, SignallingMetrics metrics, ILogger<Deliverer> logger)
{
    private readonly string _ownQueue = LinkQueue.Node("signalling", link.NodeId).Name;

    public async ValueTask DeliverAsync(RoomOutputs outputs, long epoch, CancellationToken cancellation)
    {
        foreach (var delivery in outputs.Deliveries)
        {
            Dictionary<string, List<string>>? elsewhere = null;
            foreach (var recipient in delivery.To)
            {
                if (delivery.Except is not null && recipient.FullJid == delivery.Except) continue;
                if (recipient.Queue == _ownQueue)
                {
                    sessions.Deliver(recipient.FullJid, delivery.Frame);
                    continue;
                }

                elsewhere ??= new Dictionary<string, List<string>>(StringComparer.Ordinal);
                if (!elsewhere.TryGetValue(recipient.Queue, out var list)) elsewhere[recipient.Queue] = list = [];
                list.Add(recipient.FullJid);
            }

            if (elsewhere is null) continue;
            foreach (var (queue, recipients) in elsewhere)
            {
                await SendAsync(new LinkQueue(queue), new StanzaEnvelope { Room = delivery.Room, Stanza = delivery.Frame.ToText(""), Recipients = recipients, Epoch = epoch }, cancellation);
            }
        }

        foreach (var service in outputs.Services) await SendAsync(service.Queue, service.Envelope with { Epoch = epoch }, cancellation);
    }

    private async ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation)
    {
        try
        {
            await link.SendAsync(queue, envelope, cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            metrics.Refused("link-failure");
            LogNotSent(logger, exception, queue.Name);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "An envelope for {Queue} could not be sent")]
    private static partial void LogNotSent(ILogger logger, Exception exception, string queue);
}

using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Links;

/// <summary>Brings what rooms send through a node's queue to the sessions that are reached there. An envelope stays in the queue until each of them has it safe.</summary>
public sealed class NodeConsumer(SessionRegistry sessions, SignallingMetrics metrics, Action<StanzaEnvelope> marked) : IDeferringConsumer
{
    private readonly long[] _epochs = new long[Partitions.Count];

    public ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation) => TakeAsync(queue, envelope, NoReceipt.Instance, cancellation);

    public ValueTask TakeAsync(LinkQueue queue, StanzaEnvelope envelope, ILinkReceipt receipt, CancellationToken cancellation)
    {
        if (Read(envelope) is not { } frame || envelope.Recipients.Count == 0)
        {
            receipt.Complete();
            return ValueTask.CompletedTask;
        }

        var origin = new LinkOrigin(envelope.Sender, envelope.Room, envelope.Sequence, new SharedReceipt(receipt, envelope.Recipients.Count));
        foreach (var recipient in envelope.Recipients) sessions.Deliver(recipient, frame, origin);
        return ValueTask.CompletedTask;
    }

    private OutboundFrame? Read(StanzaEnvelope envelope)
    {
        var partition = OwnershipMark.Is(envelope) ? OwnershipMark.PartitionOf(envelope) : Partitions.Of(envelope.Room);
        if (envelope.Epoch < _epochs[partition])
        {
            metrics.Refused("stale-epoch");
            return null;
        }

        _epochs[partition] = envelope.Epoch;
        if (OwnershipMark.Is(envelope))
        {
            marked(envelope);
            return null;
        }

        if (XmppParser.TryParse(envelope.Stanza, out var stanza, out _)) return OutboundFrame.Stanza(stanza, envelope.MeetingId);
        metrics.Refused("unreadable-envelope");
        return null;
    }

    private sealed class NoReceipt : ILinkReceipt
    {
        public static readonly NoReceipt Instance = new();

        public void Complete()
        {
        }
    }
}

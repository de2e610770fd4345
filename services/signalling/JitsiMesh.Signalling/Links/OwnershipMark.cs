using System.Globalization;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// What a new owner sends itself through a queue. What was sent before it is ahead of it there; what would come by the short way inside the node
/// waits until the mark is through. One goes through the partition's queue, for what sessions of the node say; one through the node's own, for
/// what they get.
/// </summary>
public static class OwnershipMark
{
    private const string Inputs = "inputs.";
    private const string Deliveries = "deliveries.";

    public static StanzaEnvelope ForInputs(string ownQueue, int partition, long epoch) => Create(Inputs, ownQueue, partition, epoch);

    public static StanzaEnvelope ForDeliveries(string ownQueue, int partition, long epoch) => Create(Deliveries, ownQueue, partition, epoch);

    public static bool Is(StanzaEnvelope envelope) => envelope.Stanza.Length == 0;

    public static bool IsForInputs(StanzaEnvelope envelope) => envelope.Room.StartsWith(Inputs, StringComparison.Ordinal);

    public static int PartitionOf(StanzaEnvelope mark) => int.Parse(mark.Room.AsSpan(mark.Room.IndexOf('.', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture);

    private static StanzaEnvelope Create(string what, string ownQueue, int partition, long epoch) =>
        new() { Room = string.Create(CultureInfo.InvariantCulture, $"{what}{partition}"), Stanza = "", ReplyQueue = ownQueue, Epoch = epoch };
}

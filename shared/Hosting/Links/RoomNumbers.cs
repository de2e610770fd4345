using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links;

/// <summary>Numbers what one node sends into one queue: 1, 2, 3 … for each room. Not for several threads at once.</summary>
internal sealed class RoomNumbers(string nodeId)
{
    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);
    private int _generation;

    public StanzaEnvelope Number(StanzaEnvelope envelope)
    {
        if (envelope.Sequence > 0) return envelope;
        if (_last.Count >= LinkLimits.NumberedRooms && !_last.ContainsKey(envelope.Room))
        {
            _last.Clear();
            _generation++;
        }

        var next = _last.GetValueOrDefault(envelope.Room) + 1;
        _last[envelope.Room] = next;
        return envelope with { Sender = _generation == 0 ? nodeId : FormattableString.Invariant($"{nodeId}/{_generation}"), Sequence = next };
    }
}

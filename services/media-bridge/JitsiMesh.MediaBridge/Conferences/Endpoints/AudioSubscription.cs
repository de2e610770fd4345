using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>One audio source for one receiver. Audio has no layers: numbers are only shifted, and only when a slot changed its source.</summary>
internal sealed class AudioSubscription(AudioSource source, BridgeEndpoint receiver)
{
    private const int ClockRate = 48_000;

    /// <summary>20 ms of Opus.</summary>
    private const uint OnePacket = 960;

    private long _sequenceDelta;
    private long _first;
    private bool _started;
    private bool _wanted = true;

    public AudioSource Source { get; } = source;

    public BridgeEndpoint Receiver { get; } = receiver;

    public EgressStream? Stream { get; private set; }

    public uint TimestampDelta { get; private set; }

    /// <summary>False when the receiver unsubscribed from the source.</summary>
    public bool Wanted
    {
        get => _wanted;
        set
        {
            if (value && !_wanted) Restart();
            _wanted = value;
        }
    }

    /// <summary>Packets were skipped: the next one continues after the last forwarded number, or the receiver would count the skipped ones as lost.</summary>
    public void Restart() => _started = false;

    public void SetStream(EgressStream? stream)
    {
        if (ReferenceEquals(stream, Stream)) return;
        Stream = stream;
        _started = false;
    }

    public bool TryProject(in IngressPacket packet, out PacketNumbers numbers)
    {
        numbers = default;
        if (Stream is null) return false;
        var output = Stream.Output;
        if (!_started)
        {
            _started = true;
            _first = packet.Sequence;
            _sequenceDelta = output.NextSequence((ushort)packet.Sequence) - packet.Sequence;
            TimestampDelta = output.NextTimestamp(packet.Timestamp, packet.Arrival, ClockRate, OnePacket) - packet.Timestamp;
        }

        // Older than the first forwarded packet: its number belongs to the slot's previous source.
        if (packet.Sequence < _first) return false;
        var sequence = packet.Sequence + _sequenceDelta;
        numbers.Sequence = (ushort)sequence;
        numbers.Timestamp = packet.Timestamp + TimestampDelta;
        numbers.Marker = packet.Marker;
        output.OnForwarded(sequence, numbers.Timestamp, frameEnd: true, packet.Arrival);
        return true;
    }
}

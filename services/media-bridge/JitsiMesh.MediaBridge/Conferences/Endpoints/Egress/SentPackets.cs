using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>One packet sent to one receiver: its numbers and the position of the bytes at the source, never the bytes.</summary>
internal struct SentPacket
{
    public bool Known;
    public ushort Sequence;
    public PacketRing Ring;
    public long RingPosition;
    public PacketNumbers Numbers;
    public byte PayloadType;
    public Codec Codec;
    public Av1TemplateStructure? Structure;
    public MonotonicTime LastSent;

    /// <summary>The time of the first sending, the transport-wide number of that sending (or none), and the version of the formats: a plain resend must have the same.</summary>
    public MonotonicTime FirstSent;
    public int TransportSequence;
    public int FormatsVersion;
}

/// <summary>The sent packets of one outgoing stream, by sequence number, to answer NACKs.</summary>
internal sealed class SentPackets
{
    /// <summary>Packets remembered, as in Jitsi's cache. A NACK for an older packet is not answered.</summary>
    public const int Capacity = 512;

    private const int Initial = 64;
    private static readonly TimeSpan Wanted = TimeSpan.FromSeconds(1);
    private SentPacket[] _ring = [];

    public void Add(in SentPacket packet)
    {
        if (_ring.Length == 0) _ring = new SentPacket[Initial];
        ref var slot = ref _ring[packet.Sequence & (_ring.Length - 1)];
        if (slot.Known && _ring.Length < Capacity && packet.LastSent - slot.LastSent < Wanted)
        {
            Grow();
            slot = ref _ring[packet.Sequence & (_ring.Length - 1)];
        }

        slot = packet;
    }

    /// <summary>No further NACK can refer to it: the rings of its source can be released.</summary>
    public void Clear() => _ring = [];

    /// <summary>A reference into the ring, valid until the next <see cref="Add"/>; <see cref="SentPacket.Known"/> tells whether the packet exists.</summary>
    public ref SentPacket Find(ushort sequence)
    {
        if (_ring.Length == 0) return ref Missing();
        ref var slot = ref _ring[sequence & (_ring.Length - 1)];
        if (slot.Known && slot.Sequence == sequence) return ref slot;
        return ref Missing();
    }

    /// <summary>The newest packets first, for probes with useful data.</summary>
    public ref SentPacket Recent(ushort newest, int back) => ref Find((ushort)(newest - back));

    private readonly SentPacket[] _missing = new SentPacket[1];

    private ref SentPacket Missing()
    {
        _missing[0] = default;
        return ref _missing[0];
    }

    private void Grow()
    {
        var old = _ring;
        _ring = new SentPacket[old.Length * 2];
        foreach (var packet in old)
        {
            if (packet.Known) _ring[packet.Sequence & (_ring.Length - 1)] = packet;
        }
    }
}

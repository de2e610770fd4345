using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>A sent packet with a transport-wide number.</summary>
internal struct SentPacket
{
    public long Sequence;
    public MonotonicTime SentAt;
    public ushort Bytes;
    public short ProbeCluster;
    public SentPacketState State;
}

internal enum SentPacketState : byte
{
    None,
    InFlight,
    Acknowledged,
    ReportedLost,
}

/// <summary>Packets by unrolled transport-wide number, in a ring that grows up to <see cref="BandwidthLimits.MaxSentPackets"/>.</summary>
internal sealed class SentPacketHistory
{
    private SentPacket[] _ring = new SentPacket[256];
    private SequenceUnwrapper _unwrapper;

    public void Add(ushort sequence, int bytes, short probeCluster, MonotonicTime now)
    {
        var unrolled = _unwrapper.Unwrap(sequence);
        if (_ring.Length < BandwidthLimits.MaxSentPackets && _ring[Slot(unrolled)].State == SentPacketState.InFlight) Grow();
        _ring[Slot(unrolled)] = new SentPacket
        {
            Sequence = unrolled,
            SentAt = now,
            Bytes = (ushort)Math.Min(bytes, ushort.MaxValue),
            ProbeCluster = probeCluster,
            State = SentPacketState.InFlight,
        };
    }

    /// <summary>A reference to the stored packet; a null reference when the number is unknown or forgotten.</summary>
    public ref SentPacket Find(ushort sequence)
    {
        if (!_unwrapper.Started) return ref System.Runtime.CompilerServices.Unsafe.NullRef<SentPacket>();
        var unrolled = _unwrapper.Peek(sequence);
        if (unrolled < 0) return ref System.Runtime.CompilerServices.Unsafe.NullRef<SentPacket>();
        ref var packet = ref _ring[Slot(unrolled)];
        if (packet.State == SentPacketState.None || packet.Sequence != unrolled) return ref System.Runtime.CompilerServices.Unsafe.NullRef<SentPacket>();
        return ref packet;
    }

    private int Slot(long sequence) => (int)(sequence & (_ring.Length - 1));

    private void Grow()
    {
        var old = _ring;
        _ring = new SentPacket[2 * old.Length];
        foreach (var packet in old)
        {
            if (packet.State != SentPacketState.None) _ring[Slot(packet.Sequence)] = packet;
        }
    }
}

using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.Headless.Media;

/// <summary>A microphone: a packet the size of Opus at 32 kbps every 20 ms.</summary>
internal sealed class AudioSource(HeadlessEndpointOptions options, OutgoingPackets packets, uint ssrc, IRandomSource random)
{
    private const int PayloadBytes = 80;
    private const uint TicksPerPacket = 960;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private ushort _sequence = (ushort)(random.NextUInt32() & 0x7FFF);
    private uint _timestamp = random.NextUInt32();
    private bool _started;

    public uint Ssrc => ssrc;

    public byte Level { get; set; } = options.AudioLevel;

    public uint PacketsSent { get; private set; }

    public uint Timestamp => _timestamp;

    public MonotonicTime Next { get; private set; } = MonotonicTime.Never;

    public void Start(MonotonicTime now) => Next = now;

    public byte[]? Poll(MonotonicTime now)
    {
        if (now < Next) return null;
        Next += Interval;
        var payload = new byte[PayloadBytes];
        random.Fill(payload);
        PacketsSent++;
        var packet = packets.Build(options.OpusPayloadType, !_started, _sequence++, _timestamp, ssrc, new AudioLevel(Level, Level < 60), payload);
        _timestamp += TicksPerPacket;
        _started = true;
        return packet;
    }
}

using System.Buffers.Binary;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.Headless.Media;

/// <summary>
/// One simulcast encoding of a camera: VP8 with valid descriptors and frame headers, three temporal layers in the pattern 0 2 1 2, and random payload bytes. A keyframe starts
/// the stream and answers requests.
/// </summary>
internal sealed class VideoSource(HeadlessEndpointOptions options, VideoEncoding encoding, OutgoingPackets packets, SsrcPair ssrcs, IRandomSource random)
{
    private const int MaxPayload = 1100;
    private const int KeyframeFactor = 4;
    private static readonly int[] Pattern = [0, 2, 1, 2];

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1.0 / options.FramesPerSecond);
    private readonly Queue<byte[]> _ready = new();
    private ushort _sequence = (ushort)(random.NextUInt32() & 0x7FFF);
    private ushort _pictureId = (ushort)(random.NextUInt32() & 0x7FFF);
    private byte _tl0 = (byte)random.NextUInt32();
    private uint _timestamp = random.NextUInt32();
    private int _phase;
    private bool _keyframeWanted = true;

    public SsrcPair Ssrcs => ssrcs;

    public VideoEncoding Encoding => encoding;

    public uint PacketsSent { get; private set; }

    public uint OctetsSent { get; private set; }

    public uint Timestamp => _timestamp;

    public int FramesSent { get; private set; }

    public int KeyframesSent { get; private set; }

    /// <summary>Off: no receiver wants this size.</summary>
    public bool IsActive { get; set; } = true;

    public MonotonicTime Next { get; private set; } = MonotonicTime.Never;

    public void Start(MonotonicTime now) => Next = now;

    public void RequestKeyframe() => _keyframeWanted = true;

    public byte[]? Poll(MonotonicTime now)
    {
        if (_ready.TryDequeue(out var packet)) return packet;
        if (now < Next) return null;
        Next += _interval;
        _timestamp += (uint)(90_000 / options.FramesPerSecond);
        if (!IsActive)
        {
            _keyframeWanted = true;
            return null;
        }

        EncodeFrame();
        return _ready.Dequeue();
    }

    private void EncodeFrame()
    {
        var keyframe = _keyframeWanted;
        _keyframeWanted = false;
        if (keyframe) _phase = 0;
        var temporal = Pattern[_phase];
        var sync = _phase is 1 or 2 || keyframe;
        _phase = (_phase + 1) % Pattern.Length;
        if (temporal == 0) _tl0++;

        var bytes = (int)(encoding.Rate.BitsPerSecond / 8 / options.FramesPerSecond) * (keyframe ? KeyframeFactor : 1);
        var frame = new byte[Math.Max(bytes, 20)];
        random.Fill(frame);
        WriteFrameHeader(frame, keyframe);
        for (var offset = 0; offset < frame.Length; offset += MaxPayload)
        {
            var take = Math.Min(MaxPayload, frame.Length - offset);
            var payload = new byte[6 + take];
            Vp8Descriptor.WriteFull(payload, offset == 0, temporal == 2, _pictureId, _tl0, temporal, sync, 0);
            frame.AsSpan(offset, take).CopyTo(payload.AsSpan(6));
            var last = offset + take == frame.Length;
            var packet = packets.Build(options.Vp8PayloadType, last, _sequence, _timestamp, ssrcs.Primary, null, payload);
            packets.Keep(ssrcs, _sequence++, packet);
            PacketsSent++;
            OctetsSent += (uint)payload.Length;
            _ready.Enqueue(packet);
        }

        _pictureId = (ushort)((_pictureId + 1) & 0x7FFF);
        FramesSent++;
        if (keyframe) KeyframesSent++;
    }

    // RFC 6386 section 9.1: a tag of three bytes whose lowest bit is 0 in keyframes, then start code and size.
    private void WriteFrameHeader(byte[] frame, bool keyframe)
    {
        frame[0] = (byte)((frame[0] & 0xFE) | (keyframe ? 0 : 1));
        if (!keyframe) return;
        frame[3] = 0x9D;
        frame[4] = 0x01;
        frame[5] = 0x2A;
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(6), (ushort)encoding.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(8), (ushort)encoding.Height);
    }
}

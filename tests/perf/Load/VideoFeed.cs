using System.Buffers.Binary;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.Perf.Load;

/// <summary>How fast and how evenly a sender sends.</summary>
/// <param name="PacketsPerSecond">In bursts of equal size.</param>
/// <param name="BurstPackets">Sent back to back: a browser's pacer sends in bursts of a few milliseconds.</param>
internal sealed record LoadProfile(int PacketsPerSecond, int BurstPackets)
{
    public TimeSpan BurstInterval => TimeSpan.FromSeconds((double)BurstPackets / PacketsPerSecond);
}

/// <summary>
/// A camera's VP8 stream, one encoding without temporal layers: each packet has 1200 bytes before protection, ends with its send time, and begins with a valid descriptor. A
/// keyframe starts the stream and answers requests.
/// </summary>
internal sealed class VideoFeed(uint ssrc, byte payloadType, int transportCcExtension)
{
    public const int PacketBytes = 1200;
    private const int BurstsPerFrame = 7;
    private const int DescriptorBytes = 6;
    private static readonly TimeSpan TooLate = TimeSpan.FromMilliseconds(100);
    private readonly byte[] _packet = new byte[PacketBytes];
    private ushort _sequence;
    private ushort _transportSequence;
    private ushort _pictureId;
    private byte _tl0;
    private int _burst;
    private bool _keyframeWanted = true;
    private MonotonicTime _next;

    public uint Ssrc => ssrc;

    public long Sent { get; private set; }

    public uint Timestamp { get; private set; } = 1;

    public int KeyframeRequests { get; private set; }

    public void RequestKeyframe()
    {
        KeyframeRequests++;
        _keyframeWanted = true;
    }

    /// <summary>Sends the bursts that are due. A missed burst is skipped instead of being sent late.</summary>
    public void Run(LoadProfile profile, LoadSocket socket, IMediaLink link, MonotonicTime now)
    {
        if (now - _next > TooLate) _next = now;
        while (_next <= now)
        {
            _next += profile.BurstInterval;
            SendBurst(profile.BurstPackets, socket, link);
        }
    }

    private void SendBurst(int packets, LoadSocket socket, IMediaLink link)
    {
        if (!link.TryGetRemote(out var remote)) return;
        var frameStart = _burst == 0;
        _burst = (_burst + 1) % BurstsPerFrame;
        var keyframe = frameStart && _keyframeWanted;
        if (frameStart)
        {
            _keyframeWanted = false;
            Timestamp += 3000;
            _pictureId = (ushort)((_pictureId + 1) & 0x7FFF);
            _tl0++;
        }

        for (var i = 0; i < packets; i++)
        {
            var first = frameStart && i == 0;
            var marker = _burst == 0 && i == packets - 1;
            Build(first, marker, keyframe);
            BinaryPrimitives.WriteInt64BigEndian(_packet.AsSpan(PacketBytes - 8), LoadClock.WallNanoseconds);
            if (!link.ProtectRtp(_packet, socket.Rent(), out var written)) continue;
            socket.Commit(written, remote);
            Sent++;
        }

        socket.Flush();
    }

    private void Build(bool frameStart, bool marker, bool keyframe)
    {
        var builder = RtpHeaderBuilder.New(_packet, payloadType, marker, _sequence++, Timestamp, ssrc);
        if (transportCcExtension > 0)
        {
            _transportSequence++;
            builder.TryAdd(transportCcExtension, [(byte)(_transportSequence >> 8), (byte)_transportSequence]);
        }

        var payload = _packet.AsSpan(builder.Finish());
        Vp8Descriptor.WriteFull(payload, frameStart, nonReference: false, _pictureId, _tl0, temporalId: 0, layerSync: false, keyIndex: 0);
        var frame = payload[DescriptorBytes..];

        // RFC 6386 section 9.1: a tag of three bytes whose lowest bit is 0 in keyframes, then start code and size.
        frame[0] = (byte)(keyframe ? 0x10 : 0x11);
        if (!keyframe || !frameStart) return;
        frame[3] = 0x9D;
        frame[4] = 0x01;
        frame[5] = 0x2A;
        BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], 1280);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[8..], 720);
    }
}

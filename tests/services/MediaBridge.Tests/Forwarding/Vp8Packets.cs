using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Tests.Forwarding;

/// <summary>One packet of a simulated VP8 encoding, by its numbers.</summary>
internal sealed record Vp8Packet(int Encoding, ushort Sequence, uint Timestamp, int PictureId, int Tl0, int Tid, bool Start, bool End, bool Keyframe);

/// <summary>The result of a projection.</summary>
internal readonly record struct Projected(ushort Sequence, uint Timestamp, int PictureId, int Tl0, bool Marker);

/// <summary>Passes simulated packets through a source's encodings into a projection, as the pipeline does.</summary>
internal sealed class ProjectionBench
{
    private readonly SequenceUnwrapper[] _unwrappers = new SequenceUnwrapper[3];

    public ProjectionBench(int target, OutputState? output = null)
    {
        Source = new VideoSource(null!, new SourceLayout("a-v0", true, VideoType.Camera, [(1, 11), (2, 12), (3, 13)]));
        Projection = new Vp8Projection(Source, output ?? new OutputState());
        Projection.SetTarget(target);
    }

    public VideoSource Source { get; }

    public Vp8Projection Projection { get; }

    public MonotonicTime Now { get; set; } = MonotonicTime.FromSeconds(100);

    public Projected? Feed(Vp8Packet p)
    {
        var payload = new byte[30];
        var length = Vp8Descriptor.WriteFull(payload, p.Start, false, (ushort)p.PictureId, (byte)p.Tl0, p.Tid, false, 0);
        payload[length] = (byte)(p.Keyframe ? 0 : 1);
        var packet = new IngressPacket
        {
            Payload = payload,
            PayloadType = 100,
            Codec = Codec.Vp8,
            Marker = p.End,
            Timestamp = p.Timestamp,
            Arrival = Now,
            AudioLevel = -1,
            Orientation = -1,
        };
        var encoding = Source.Encodings[p.Encoding];
        var sequence = _unwrappers[p.Encoding].Unwrap(p.Sequence);
        if (!encoding.Describe(ref packet, sequence)) return null;
        encoding.Revive(Now);
        return Projection.TryProject(packet, out var n) ? new Projected(n.Sequence, n.Timestamp, n.PictureId, n.Tl0PictureIndex, n.Marker) : null;
    }
}

/// <summary>The numbers of a VP8 encoder: frames of several packets, temporal pattern 0 2 1 2.</summary>
internal sealed class Vp8Stream(int encoding, ushort sequence, int pictureId, byte tl0, uint timestamp)
{
    private static readonly int[] Pattern = [0, 2, 1, 2];
    private int _phase;
    private ushort _sequence = sequence;
    private int _pictureId = pictureId;
    private byte _tl0 = tl0;
    private uint _timestamp = timestamp;

    public Vp8Packet[] Frame(int packets = 1, bool keyframe = false)
    {
        if (keyframe) _phase = 0;
        var tid = Pattern[_phase];
        _phase = (_phase + 1) % Pattern.Length;
        if (tid == 0) _tl0++;
        var frame = new Vp8Packet[packets];
        for (var i = 0; i < packets; i++)
        {
            frame[i] = new Vp8Packet(encoding, _sequence++, _timestamp, _pictureId, _tl0, tid, i == 0, i == packets - 1, keyframe && i == 0);
        }

        _pictureId = (_pictureId + 1) & 0x7FFF;
        _timestamp += 3000;
        return frame;
    }

    public Vp8Packet[] Frames(int count, int packets = 1) => [.. Enumerable.Range(0, count).SelectMany(_ => Frame(packets))];
}

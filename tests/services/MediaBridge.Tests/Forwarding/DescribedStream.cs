using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Tests.Forwarding;

/// <summary>One packet, equal to one frame, of a simulated AV1 encoding with a dependency descriptor.</summary>
internal sealed record DescribedPacket(ushort Sequence, uint Timestamp, byte[] Descriptor, int Spatial, int Temporal, ushort Frame);

/// <summary>
/// The numbers and descriptors of a scalable encoder, temporal pattern 0 1. With <paramref name="keyOnly"/> spatial layers depend on each other only in keyframes (L2T2_KEY),
/// without it always (L2T2).
/// </summary>
internal sealed class DescribedStream(int spatialLayers, bool keyOnly)
{
    private const int TemporalLayers = 2;
    private readonly ushort[] _lastBase = new ushort[spatialLayers];
    private ushort _sequence = 65500;
    private ushort _frame = 65530;
    private uint _timestamp = 5000;
    private int _phase;

    /// <summary>The number of spatial layers that are sent.</summary>
    public int Active { get; set; } = spatialLayers;

    private int Spatial => _lastBase.Length;

    private int Targets => Spatial * TemporalLayers;

    /// <summary>The frames of one picture.</summary>
    public DescribedPacket[] Picture(bool keyframe = false, bool tellActive = false)
    {
        if (keyframe) _phase = 0;
        var temporal = _phase;
        _phase = 1 - _phase;
        var packets = new DescribedPacket[Active];
        for (var s = 0; s < Active; s++)
        {
            List<int> references = [];
            if (!keyframe) references.Add((ushort)(_frame - _lastBase[s]));
            if (s > 0 && (keyframe || !keyOnly)) references.Add(1);
            packets[s] = new DescribedPacket(_sequence++, _timestamp, Describe(s, temporal, keyframe, keyframe && s == 0, tellActive, references), s, temporal, _frame);
            if (temporal == 0) _lastBase[s] = _frame;
            _frame++;
        }

        _timestamp += 3000;
        return packets;
    }

    public DescribedPacket[] Pictures(int count) => [.. Enumerable.Range(0, count).SelectMany(_ => Picture())];

    private byte[] Describe(int spatial, int temporal, bool keyframe, bool attach, bool tellActive, List<int> references)
    {
        var bits = new Bits();
        bits.Write(3, 2);
        bits.Write((spatial * TemporalLayers) + temporal, 6);
        bits.Write(_frame, 16);
        bits.Write(attach ? 1 : 0, 1);
        bits.Write(tellActive ? 1 : 0, 1);
        bits.Write(1, 1);
        bits.Write(1, 1);
        bits.Write(0, 1);
        if (attach) WriteStructure(bits);
        if (tellActive) bits.Write((1 << (Active * TemporalLayers)) - 1, Targets);
        for (var d = 0; d < Targets; d++) bits.Write((int)Indication(spatial, temporal, keyframe, d / TemporalLayers, d % TemporalLayers), 2);
        foreach (var reference in references)
        {
            bits.Write(2, 2);
            bits.Write(reference - 1, 8);
        }

        bits.Write(0, 2);
        return bits.ToArray();
    }

    private void WriteStructure(Bits bits)
    {
        bits.Write(0, 6);
        bits.Write(Targets - 1, 5);
        for (var s = 0; s < Spatial; s++)
        {
            bits.Write(1, 2);
            bits.Write(s == Spatial - 1 ? 3 : 2, 2);
        }

        for (var s = 0; s < Spatial; s++)
        {
            for (var t = 0; t < TemporalLayers; t++)
            {
                for (var d = 0; d < Targets; d++) bits.Write((int)Indication(s, t, false, d / TemporalLayers, d % TemporalLayers), 2);
            }
        }

        for (var i = 0; i < Targets; i++) bits.Write(0, 1);
        bits.Write(0, (int)Math.Log2(Targets + 1));
        bits.Write(1, 1);
        for (var s = 0; s < Spatial; s++)
        {
            bits.Write((320 << s) - 1, 16);
            bits.Write((180 << s) - 1, 16);
        }
    }

    private DecodeTargetIndication Indication(int spatial, int temporal, bool keyframe, int targetSpatial, int targetTemporal)
    {
        if (temporal > targetTemporal || spatial > targetSpatial) return DecodeTargetIndication.NotPresent;
        if (spatial < targetSpatial && keyOnly && !keyframe) return DecodeTargetIndication.NotPresent;
        if (temporal == 0) return spatial == targetSpatial || keyframe ? DecodeTargetIndication.Switch : DecodeTargetIndication.Required;
        return DecodeTargetIndication.Discardable;
    }

    private sealed class Bits
    {
        private readonly List<bool> _bits = [];

        public void Write(int value, int count)
        {
            for (var i = count - 1; i >= 0; i--) _bits.Add(((value >> i) & 1) != 0);
        }

        public byte[] ToArray()
        {
            var bytes = new byte[(_bits.Count + 7) / 8];
            for (var i = 0; i < _bits.Count; i++)
            {
                if (_bits[i]) bytes[i / 8] |= (byte)(0x80 >> (i % 8));
            }

            return bytes;
        }
    }
}

/// <summary>Passes described packets through an encoding into a projection, as the pipeline does.</summary>
internal sealed class DescribedBench
{
    private SequenceUnwrapper _unwrapper;

    public DescribedBench(int target)
    {
        Source = new VideoSource(null!, new SourceLayout("a-v0", true, VideoType.Camera, [(1, 11)]));
        Projection = new DescriptorProjection(Source, new OutputState());
        Projection.SetTarget(target);
    }

    public VideoSource Source { get; }

    public VideoEncoding Encoding => Source.Encodings[0];

    public DescriptorProjection Projection { get; }

    public MonotonicTime Now { get; private set; } = MonotonicTime.FromSeconds(100);

    /// <summary>How often the inputs of an allocation changed.</summary>
    public int LayerChanges { get; private set; }

    public bool WantsKeyframe => Projection.WantsKeyframe(Now, out _);

    /// <summary>A picture's packets, 33 ms after the one before.</summary>
    public List<(DescribedPacket Packet, PacketNumbers Numbers)> Feed(DescribedPacket[] picture)
    {
        var forwarded = new List<(DescribedPacket, PacketNumbers)>();
        foreach (var p in picture)
        {
            if (p.Spatial == 0) Now += TimeSpan.FromMilliseconds(33);
            var packet = new IngressPacket
            {
                Payload = new byte[200],
                PayloadType = 41,
                Codec = Codec.Av1,
                Descriptor = p.Descriptor,
                Timestamp = p.Timestamp,
                Arrival = Now,
                AudioLevel = -1,
                Orientation = -1,
            };
            if (!Encoding.Describe(ref packet, _unwrapper.Unwrap(p.Sequence))) continue;
            Encoding.Measure(packet, Now);
            if (Encoding.Revive(Now)) LayerChanges++;
            if (Projection.TryProject(packet, out var numbers)) forwarded.Add((p, numbers));
        }

        return forwarded;
    }
}

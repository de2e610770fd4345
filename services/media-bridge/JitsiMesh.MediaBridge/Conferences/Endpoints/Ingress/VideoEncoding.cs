using System.Runtime.CompilerServices;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>One simulcast stream of a video source: its SSRC, its retransmission SSRC, and its measurements.</summary>
internal sealed class VideoEncoding(VideoSource source, int index, uint ssrc, uint rtxSsrc)
{
    /// <summary>A layer without packets for this long counts as not sent.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(1500);

    /// <summary>A spatial layer missing from this many frames was dropped by its sender.</summary>
    private const int FramesWithoutLayer = 16;

    /// <summary>Limits reallocations for a sender that changes its layers with every packet.</summary>
    private static readonly TimeSpan MinTimeBetweenChanges = TimeSpan.FromMilliseconds(50);

    /// <summary>A new layer's measured rate is too low at first: the rate is evaluated again this long after a change.</summary>
    private static readonly TimeSpan[] FollowUps = [TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1)];

    private static readonly double[] FrameRates1 = [30];
    private static readonly double[] FrameRates2 = [15, 30];
    private static readonly double[] FrameRates3 = [7.5, 15, 30];

    private readonly FrameTracker _frames = new();
    private readonly SequenceGapCloser _closer = new();
    private readonly DuplicateFilter _duplicates = new();
    private readonly RateMeter[] _temporalRates = [new(), new(), new(), new()];
    private RateMeter[] _targetRates = [];
    private Av1DependencyDescriptorReader? _descriptors;
    private SequenceUnwrapper _unwrapper;
    private long _highestClosed = -1;
    private int _maxTemporal;
    private FrameDescription _description;
    private FramesWithout _framesWithout;
    private LayerSet _layers;
    private MonotonicTime _lastChange;
    private MonotonicTime _aliveSince;
    private int _followUps;

    public VideoSource Source { get; } = source;

    public int Index { get; } = index;

    public uint Ssrc { get; } = ssrc;

    /// <summary>0: none.</summary>
    public uint RtxSsrc { get; } = rtxSsrc;

    /// <summary>Pixels of the smaller dimension; an estimate until a keyframe carries the size.</summary>
    public int Height { get; private set; } = 180 << index;

    public NackRequester Nacks { get; } = new();

    public PacketRing Ring { get; } = new();

    public ReceptionStatistics Statistics { get; } = new(ssrc, 90_000);

    public MonotonicTime LastPacket { get; private set; }

    public bool Seen { get; private set; }

    /// <summary>The payload type last seen on this SSRC, for retransmissions of it.</summary>
    public byte PayloadType { get; set; }

    public bool IsAlive(MonotonicTime now) => Seen && now - LastPacket < Silence;

    /// <summary>The encoding's decode targets, if it has dependency descriptors.</summary>
    public Av1TemplateStructure? Structure => _description == FrameDescription.Descriptor ? _descriptors?.Structure : null;

    /// <summary>The decode targets that the sender announced as active; all bits set without such an announcement.</summary>
    public uint ActiveDecodeTargets => _descriptors is { ActiveDecodeTargets: not 0 and var mask } ? mask : uint.MaxValue;

    /// <summary>
    /// Records a packet. True when a new allocation is needed: the encoding was silent, other layers are active than before, their size changed, or a sibling encoding stopped.
    /// True twice more a while later, when the rates are known.
    /// </summary>
    public bool Revive(MonotonicTime now)
    {
        var alive = IsAlive(now);
        if (!alive) _aliveSince = now;
        LastPacket = now;
        Seen = true;
        var layers = new LayerSet(Structure?.DecodeTargets.Count ?? 0, ActiveDecodeTargets, SpatialLayersAlive(), _maxTemporal, Height, DeadSiblings(now));
        if (alive && layers == _layers)
        {
            if (_followUps == FollowUps.Length || now - _lastChange < FollowUps[_followUps]) return false;
            _followUps++;
            return true;
        }

        if (alive && now - _lastChange < MinTimeBetweenChanges) return false;
        _layers = layers;
        _lastChange = now;
        _followUps = 0;
        return true;
    }

    public long Unwrap(ushort sequence) => _unwrapper.Unwrap(sequence);

    public bool IsDuplicate(long sequence) => !_duplicates.TryAdd(sequence);

    public void Discard(long sequence) => _closer.Discard(sequence);

    /// <summary>
    /// Renumbers the packet, reads its codec fields, and finds its frame. False: too old, or its descriptor cannot be read (yet); with the packet's encoding set, only a
    /// keyframe helps.
    /// </summary>
    public bool Describe(ref IngressPacket packet, long sequence)
    {
        if (!_closer.TryPass(sequence, out packet.Sequence)) return false;
        packet.Encoding = this;
        packet.InOrder = packet.Sequence > _highestClosed;
        packet.Gap = packet.InOrder && _highestClosed >= 0 ? (int)Math.Min(packet.Sequence - _highestClosed - 1, int.MaxValue) : 0;
        if (packet.InOrder) _highestClosed = packet.Sequence;
        packet.FrameEnd = packet.Marker;
        var read = ReadCodec(ref packet);
        if (!packet.InOrder && (!read || packet.Description != _description))
        {
            // A late packet of an earlier codec or structure: nothing depends on it, so no keyframe is requested.
            packet.Encoding = null;
            return false;
        }

        if (!read) return false;
        if (packet.Description != _description)
        {
            _description = packet.Description;
            _maxTemporal = 0;
        }

        _frames.Classify(ref packet);
        return true;
    }

    /// <summary>Counts the packet for its layers.</summary>
    public void Measure(in IngressPacket packet, MonotonicTime now)
    {
        var bytes = packet.Payload.Length + RtpLimits.FixedHeaderLength;
        if (packet.Description == FrameDescription.Descriptor)
        {
            if (packet.FrameStart)
            {
                for (var s = 0; s < RtpLimits.MaxSpatialLayers; s++) _framesWithout[s]++;
            }

            _framesWithout[packet.DescriptorFields.SpatialId] = 0;
            for (var target = 0; target < _targetRates.Length; target++)
            {
                if (packet.DescriptorFields.GetIndication(target) != DecodeTargetIndication.NotPresent) _targetRates[target].Add(bytes, now);
            }

            return;
        }

        // The projection separates only VP8's layers; a stream that it forwards completely is one layer for the allocation.
        var temporal = packet.Description == FrameDescription.Vp8 ? Math.Min(packet.Frame?.TemporalId ?? 0, _temporalRates.Length - 1) : 0;
        if (temporal > _maxTemporal) _maxTemporal = temporal;
        _temporalRates[temporal].Add(bytes, now);
    }

    /// <summary>The layers of this encoding in rising order.</summary>
    public void AppendLayers(List<LayerSnapshot> layers, MonotonicTime now)
    {
        var alive = IsAlive(now);
        if (Structure is { } structure)
        {
            AppendDecodeTargets(structure, alive, layers, now);
            return;
        }

        var rates = _maxTemporal switch { 0 => FrameRates1, 1 => FrameRates2, _ => FrameRates3 };
        long sum = 0;
        for (var t = 0; t <= _maxTemporal && t < rates.Length; t++)
        {
            sum += alive ? _temporalRates[t].BitsPerSecond(now) : 0;
            layers.Add(new LayerSnapshot(LayerIndex.Of(Index, 0, t), Height, rates[t], sum));
        }
    }

    public long BitsPerSecond(MonotonicTime now)
    {
        long sum = 0;
        foreach (var rate in _temporalRates) sum += rate.BitsPerSecond(now);
        foreach (var rate in _targetRates) sum = Math.Max(sum, rate.BitsPerSecond(now));
        return sum;
    }

    private void AppendDecodeTargets(Av1TemplateStructure structure, bool alive, List<LayerSnapshot> layers, MonotonicTime now)
    {
        var first = layers.Count;
        for (var d = 0; d < structure.DecodeTargets.Count; d++)
        {
            var target = structure.DecodeTargets[d];
            var height = Height;
            if (target.SpatialId < structure.Resolutions.Count)
            {
                var (width, tall) = structure.Resolutions[target.SpatialId];
                height = Math.Min(width, tall);
            }
            else
            {
                height >>= structure.MaxSpatialId - target.SpatialId;
            }

            var frameRate = 30.0 / (1 << (structure.MaxTemporalId - target.TemporalId));
            var on = alive && d < _targetRates.Length && (ActiveDecodeTargets & (1u << d)) != 0 && _framesWithout[target.SpatialId] < FramesWithoutLayer;
            var rate = on ? _targetRates[d].BitsPerSecond(now) : 0;
            layers.Add(new LayerSnapshot(LayerIndex.Of(Index, target.SpatialId, target.TemporalId), height, frameRate, rate));
        }

        layers.Sort(first, layers.Count - first, LayerComparer.Instance);
    }

    private bool ReadCodec(ref IngressPacket packet)
    {
        // The payload of VP8 has all information; an additional descriptor is dropped.
        if (packet.Codec == Codec.Vp8)
        {
            packet.Descriptor = default;
            if (!Vp8Descriptor.TryParse(packet.Payload, out packet.Vp8)) return false;
            packet.FrameStart = packet.Vp8.IsFrameStart;
            packet.KeyframeStart = packet.Vp8.IsKeyframeStartOf(packet.Payload);
            if (packet.KeyframeStart && packet.Vp8.TryReadKeyframeSize(packet.Payload, out var width, out var height)) Height = Math.Min(width, height);
            packet.Description = packet.Vp8.HasPictureId ? FrameDescription.Vp8 : FrameDescription.Generic;
            return true;
        }

        if (!packet.Descriptor.IsEmpty)
        {
            // Falling back to the payload without a structure would switch the kind of projection back and forth: wait for the keyframe.
            _descriptors ??= new Av1DependencyDescriptorReader();
            if (_descriptors.Read(packet.Descriptor, out packet.DescriptorFields) != DependencyDescriptorResult.Ok) return false;
            packet.FrameStart = packet.DescriptorFields.IsFrameStart;
            packet.FrameEnd = packet.DescriptorFields.IsFrameEnd;
            packet.KeyframeStart = packet.FrameStart && packet.DescriptorFields.IsKeyframe;
            if (packet.DescriptorFields.HasAttachedStructure) OnStructure(packet.DescriptorFields.Structure);

            // Chromium's descriptors of H.264 have no size.
            if (packet.Codec == Codec.H264) ReadH264Size(packet);
            packet.Description = FrameDescription.Descriptor;
            return true;
        }

        packet.Description = FrameDescription.Generic;
        switch (packet.Codec)
        {
            case Codec.Vp9:
                if (!Vp9Descriptor.TryParse(packet.Payload, out packet.Vp9)) return false;
                packet.FrameStart = packet.Vp9.IsFrameStart && packet.Vp9.SpatialId == 0;
                packet.KeyframeStart = packet.Vp9.IsKeyframeStart;
                if (packet.Vp9.Structure is { HasSizes: true } structure)
                {
                    var (w, h) = structure.GetSize(structure.SpatialLayerCount - 1);
                    Height = Math.Min(w, h);
                }

                if (packet.Vp9.HasPictureId) packet.Description = FrameDescription.Vp9;
                return true;
            case Codec.H264:
                packet.FrameStart = packet.KeyframeStart = H264.IsKeyframeStart(packet.Payload);
                ReadH264Size(packet);
                return true;
            case Codec.Av1:
                // AV1 aggregation header (AV1 RTP payload specification, section 4.4): N marks the first packet of a coded video sequence.
                packet.FrameStart = packet.KeyframeStart = !packet.Payload.IsEmpty && (packet.Payload[0] & 0x08) != 0;
                return true;
            default:
                // The payload is opaque: any packet may start a frame.
                packet.FrameStart = packet.KeyframeStart = true;
                return true;
        }
    }

    private void ReadH264Size(in IngressPacket packet)
    {
        if (packet.KeyframeStart && H264.TryReadSize(packet.Payload, out var width, out var height)) Height = Math.Min(width, height);
    }

    private void OnStructure(Av1TemplateStructure structure)
    {
        if (_targetRates.Length != structure.DecodeTargets.Count)
        {
            _targetRates = new RateMeter[structure.DecodeTargets.Count];
            for (var i = 0; i < _targetRates.Length; i++) _targetRates[i] = new RateMeter();
            _framesWithout = default;
        }

        if (structure.Resolutions.Count > 0)
        {
            var (width, height) = structure.Resolutions[^1];
            Height = Math.Min(width, height);
        }
    }

    private int SpatialLayersAlive()
    {
        var alive = 0;
        for (var s = 0; s <= (Structure?.MaxSpatialId ?? -1); s++)
        {
            if (_framesWithout[s] < FramesWithoutLayer) alive |= 1 << s;
        }

        return alive;
    }

    /// <summary>Encodings that fell silent while this one continued. Encodings that are silent together, such as a static screen, are no change.</summary>
    private uint DeadSiblings(MonotonicTime now)
    {
        var dead = 0u;
        foreach (var sibling in Source.Encodings)
        {
            if (sibling.Seen && now - MonotonicTime.Max(sibling.LastPacket, _aliveSince) >= Silence) dead |= 1u << (sibling.Index & 31);
        }

        return dead;
    }

    /// <summary>The inputs of an allocation other than the rates.</summary>
    private readonly record struct LayerSet(int DecodeTargets, uint Active, int SpatialAlive, int MaxTemporal, int Height, uint DeadSiblings);

    /// <summary>Frames since the last one of each spatial layer.</summary>
    [InlineArray(RtpLimits.MaxSpatialLayers)]
    private struct FramesWithout
    {
        private int _first;
    }

    private sealed class LayerComparer : IComparer<LayerSnapshot>
    {
        public static readonly LayerComparer Instance = new();

        public int Compare(LayerSnapshot x, LayerSnapshot y) => x.Index.CompareTo(y.Index);
    }
}

using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// Streams with a dependency descriptor (AV1 RTP payload specification, appendix A): AV1, and H.264 or VP9 if the sender adds descriptors. Chooses a decode target and forwards
/// its frames. Never reads the payload, so it works with end-to-end encryption.
/// </summary>
/// <remarks>
/// Frame numbers keep their distances, because descriptors reference frames by distance; frame numbers and template ids are shifted by a constant that changes only with the
/// encoding.
/// </remarks>
internal sealed class DescriptorProjection(VideoSource source, OutputState output) : Projection(source, output)
{
    private Av1TemplateStructure? _structure;
    private int _decodeTarget = -1;
    private Av1TemplateStructure? _earlierStructure;
    private int _earlierTarget = -1;
    private int _wanted = -1;
    private long _frameDelta;
    private int _templateShift;
    private long _announceFrame = -1;

    protected override FrameDecision Begin(in IngressPacket packet, VideoFrame frame)
    {
        var structure = packet.DescriptorFields.Structure;
        _structure = structure;
        _frameDelta = Output.Started ? Output.LastFrameNumber + 1 - frame.Number : 0;
        _templateShift = Output.Started ? (Output.NextTemplateId - structure.TemplateIdOffset) & 63 : 0;
        OnStructure(structure);
        _decodeTarget = _wanted = Choose(structure, packet.Encoding!);
        _announceFrame = frame.Number;
        return Decision(frame, true);
    }

    protected override FrameDecision Decide(in IngressPacket packet, VideoFrame frame)
    {
        ref readonly var fields = ref packet.DescriptorFields;
        if (!ReferenceEquals(fields.Structure, _structure) && frame.Number < Decisions.Newest)
        {
            // A late frame of an earlier structure changes nothing; it gets the decision that it would have got in order.
            return Decision(frame, TargetOf(fields.Structure) is var then and >= 0 && fields.GetIndication(then) != DecodeTargetIndication.NotPresent);
        }

        if (fields.HasAttachedStructure && frame.Number > Decisions.Newest)
        {
            (_earlierStructure, _earlierTarget) = (_structure, _decodeTarget);
            _structure = fields.Structure;
            OnStructure(fields.Structure);
            _announceFrame = frame.Number;
            if (fields.IsKeyframe) _decodeTarget = _wanted = Choose(fields.Structure, packet.Encoding!);
        }

        _wanted = Choose(fields.Structure, packet.Encoding!);
        if (_decodeTarget >= fields.Structure.DecodeTargets.Count) _decodeTarget = fields.Structure.DecodeTargets.Count - 1;
        if (_wanted != _decodeTarget && frame.Number > Decisions.Newest && CanMoveTo(_wanted, fields, frame.Number))
        {
            _decodeTarget = _wanted;
            _announceFrame = frame.Number;
        }

        return Decision(frame, fields.GetIndication(_decodeTarget) != DecodeTargetIndication.NotPresent);
    }

    protected override void Complete(in IngressPacket packet, VideoFrame frame, ref PacketNumbers numbers)
    {
        var number = frame.Number + _frameDelta;
        numbers.RewritesDescriptor = true;
        numbers.FrameNumber = (ushort)number;
        numbers.TemplateShift = (byte)_templateShift;
        if (frame.Number == _announceFrame || packet.DescriptorFields.HasAttachedStructure || packet.DescriptorFields.HasActiveDecodeTargets) numbers.ActiveDecodeTargets = Mask(packet.DescriptorFields.Structure);

        // The last packet of the highest forwarded spatial layer gets the marker; otherwise the decoder would wait for the next packet.
        var structure = packet.DescriptorFields.Structure;
        if (packet.FrameEnd && TargetOf(structure) is var target and >= 0 && frame.SpatialId == structure.DecodeTargets[target].SpatialId) numbers.Marker = true;
        if (number > Output.LastFrameNumber || !Output.Started) Output.LastFrameNumber = number;
    }

    protected override bool WantsKeyframeWithinEncoding() =>
        _structure is not null && _wanted >= 0 && _decodeTarget >= 0 && _wanted < _structure.DecodeTargets.Count
        && _structure.DecodeTargets[_wanted].SpatialId != _structure.DecodeTargets[_decodeTarget].SpatialId;

    private void OnStructure(Av1TemplateStructure structure) =>
        Output.NextTemplateId = (structure.TemplateIdOffset + _templateShift + structure.Templates.Count) & 63;

    /// <summary>
    /// The highest decode target within the wanted layer among those that the sender has active: an inactive one gets no more frames, and a sender that lacks bandwidth
    /// deactivates its upper spatial layers.
    /// </summary>
    private int Choose(Av1TemplateStructure structure, VideoEncoding encoding)
    {
        var spatial = IsWaitingUp ? int.MaxValue : LayerIndex.Spatial(TargetLayer);
        var temporal = IsWaitingUp ? int.MaxValue : LayerIndex.Temporal(TargetLayer);
        if (IsWaitingDown) spatial = temporal = 0;
        int best = -1, least = -1;
        for (var d = 0; d < structure.DecodeTargets.Count; d++)
        {
            if ((encoding.ActiveDecodeTargets & (1u << d)) == 0) continue;
            var target = structure.DecodeTargets[d];
            if (least < 0 || Rank(target) < Rank(structure.DecodeTargets[least])) least = d;
            if (target.SpatialId > spatial || target.TemporalId > temporal) continue;
            if (best < 0 || Rank(target) > Rank(structure.DecodeTargets[best])) best = d;
        }

        // No target that small is active: take the smallest active one.
        return best >= 0 ? best : Math.Max(least, 0);
    }

    private static int Rank(Av1DecodeTarget target) => (target.SpatialId << 3) | target.TemporalId;

    private bool CanMoveTo(int target, in Av1DependencyDescriptor fields, long number)
    {
        if (target >= fields.Structure.DecodeTargets.Count || fields.GetIndication(target) != DecodeTargetIndication.Switch) return false;
        for (var i = 0; i < fields.FrameDiffCount; i++)
        {
            if (Decisions.TryGet(number - fields.GetFrameDiff(i), out var referenced) && !referenced.Accepted) return false;
        }

        return true;
    }

    /// <summary>The decode target that is or was forwarded under a structure; -1 when the structure is too old.</summary>
    private int TargetOf(Av1TemplateStructure structure)
    {
        var target = ReferenceEquals(structure, _structure) ? _decodeTarget : ReferenceEquals(structure, _earlierStructure) ? _earlierTarget : -1;
        return Math.Min(target, structure.DecodeTargets.Count - 1);
    }

    private uint Mask(Av1TemplateStructure structure)
    {
        if (TargetOf(structure) is not (>= 0 and var current)) return 0;
        var chosen = structure.DecodeTargets[current];
        var mask = 0u;
        for (var d = 0; d < structure.DecodeTargets.Count; d++)
        {
            var target = structure.DecodeTargets[d];
            if (target.SpatialId <= chosen.SpatialId && target.TemporalId <= chosen.TemporalId) mask |= 1u << d;
        }

        return mask;
    }

    private static FrameDecision Decision(VideoFrame frame, bool accepted) => new()
    {
        Number = frame.Number,
        Known = true,
        Accepted = accepted,
        Keyframe = frame.Keyframe,
        TemporalId = frame.TemporalId,
    };
}

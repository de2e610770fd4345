using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// Makes the changing encodings and layers of one source look like one continuous stream to one receiver. Decides each frame once, at its first received packet: the packets of
/// a refused frame are dropped without a gap, those of an accepted frame are always forwarded.
/// </summary>
/// <remarks>Subclasses implement one way of describing frames; this class handles numbers and simulcast.</remarks>
internal abstract class Projection(VideoSource source, OutputState output)
{
    protected const int ClockRate = 90_000;

    /// <summary>A thirtieth of a second: the minimum timestamp step over a change.</summary>
    protected const uint OneFrame = 3000;

    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private readonly SequenceMap _map = new();
    private EncodingChoice _choice = new();
    private uint _timestampDelta;

    public VideoSource Source { get; } = source;

    public OutputState Output { get; } = output;

    /// <summary>See <see cref="LayerIndex"/>; <see cref="LayerIndex.Suspended"/> stops forwarding at once.</summary>
    public int TargetLayer { get; private set; } = LayerIndex.Suspended;

    /// <summary>The forwarded encoding; -1: none.</summary>
    public int CurrentEncoding => _choice.Current;

    protected FrameDecisions Decisions { get; } = new();

    protected bool IsWaitingDown => _choice.Target < _choice.Current;

    protected bool IsWaitingUp => _choice.Target > _choice.Current;

    public void SetTarget(int layer)
    {
        TargetLayer = layer;
        _choice.Target = LayerIndex.Encoding(layer);
        if (layer < 0) _choice.Suspend();
    }

    /// <summary>Resets the projection, so that forwarding restarts with a keyframe.</summary>
    public void RequireKeyframe() => _choice.Suspend();

    /// <summary>True when the packet is forwarded, with <paramref name="numbers"/> set.</summary>
    public bool TryProject(in IngressPacket packet, out PacketNumbers numbers)
    {
        numbers = default;
        var frame = packet.Frame;
        if (TargetLayer < 0 || frame is null) return false;
        var encoding = packet.Encoding!.Index;
        if (encoding != _choice.Current)
        {
            if (!TrySwitch(packet)) return false;
            return Emit(packet, frame, _map.HighestOutput, ref numbers);
        }

        if (packet.KeyframeStart && packet.InOrder) _choice.OnKeyframe(encoding, currentIsSilent: false, packet.Arrival);
        if (!Decisions.TryGet(frame.Number, out var decision))
        {
            decision = Decide(packet, frame);
            Decisions.Put(decision);
        }

        if (packet.Sequence > _map.HighestInput)
        {
            var skipped = SkippedInGap(packet, frame, decision);
            if (decision.Accepted) return Emit(packet, frame, _map.Accept(packet.Sequence, skipped), ref numbers);
            _map.Refuse(packet.Sequence, skipped);
            return false;
        }

        return decision.Accepted && _map.TryGetLate(packet.Sequence, out var late) && Emit(packet, frame, late, ref numbers);
    }

    /// <summary>Whether a keyframe is needed to continue, and from which encoding to request it.</summary>
    public bool WantsKeyframe(MonotonicTime now, out VideoEncoding? encoding)
    {
        encoding = null;
        if (TargetLayer < 0) return false;
        if (_choice.Current == _choice.Target)
        {
            if (!WantsKeyframeWithinEncoding()) return false;
            encoding = Source.Encodings[_choice.Current];
            return true;
        }

        // Only request from an encoding that is being sent: a sender without bandwidth for a large encoding cannot send its keyframe.
        for (var e = Math.Min(_choice.Target, Source.Encodings.Length - 1); e >= 0; e--)
        {
            if (!Source.Encodings[e].IsAlive(now)) continue;
            if (e == _choice.Current) return false;
            encoding = Source.Encodings[e];
            return true;
        }

        if (_choice.Current >= 0) return false;
        encoding = Source.Encodings[0];
        return true;
    }

    /// <summary>Maps a time of the current encoding's clock, as in its sender reports; false when nothing of the encoding was forwarded yet.</summary>
    public bool TryMapTimestamp(int encoding, uint timestamp, out uint mapped)
    {
        mapped = timestamp + _timestampDelta;
        return encoding == _choice.Current && Output.Started;
    }

    /// <summary>Decides a new frame of the current encoding.</summary>
    protected abstract FrameDecision Decide(in IngressPacket packet, VideoFrame frame);

    /// <summary>Starts with a keyframe of another encoding and returns its decision.</summary>
    protected abstract FrameDecision Begin(in IngressPacket packet, VideoFrame frame);

    /// <summary>Adds the codec's fields to the numbers.</summary>
    protected abstract void Complete(in IngressPacket packet, VideoFrame frame, ref PacketNumbers numbers);

    protected virtual bool WantsKeyframeWithinEncoding() => false;

    private bool TrySwitch(in IngressPacket packet)
    {
        // A late first packet of a keyframe does not count: the rest of that frame was already dropped for this receiver.
        if (!packet.KeyframeStart || !packet.InOrder) return false;
        var silent = _choice.Current < 0 || packet.Arrival - Source.Encodings[_choice.Current].LastPacket > Silence;
        if (!_choice.OnKeyframe(packet.Encoding!.Index, silent, packet.Arrival)) return false;
        _timestampDelta = Output.NextTimestamp(packet.Timestamp, packet.Arrival, ClockRate, OneFrame) - packet.Timestamp;
        _map.Restart(packet.Sequence, Output.NextSequence((ushort)packet.Sequence));
        Decisions.Clear();
        Decisions.Put(Begin(packet, packet.Frame!));
        return true;
    }

    private bool Emit(in IngressPacket packet, VideoFrame frame, long sequence, ref PacketNumbers numbers)
    {
        numbers.Sequence = (ushort)sequence;
        numbers.Timestamp = packet.Timestamp + _timestampDelta;
        numbers.Marker = packet.Marker;
        Complete(packet, frame, ref numbers);
        Output.OnForwarded(sequence, numbers.Timestamp, numbers.Marker, packet.Arrival);
        return true;
    }

    /// <summary>
    /// How many of the numbers missing before a packet belong to refused frames. The missing numbers lie between two frames: they belong to the first one unless its end was
    /// seen, and to the second one unless its start was seen. Numbers of frames of which nothing arrived are kept, because those frames may still arrive and be wanted.
    /// </summary>
    private int SkippedInGap(in IngressPacket packet, VideoFrame frame, in FrameDecision decision)
    {
        var gap = packet.Sequence - _map.HighestInput - 1;
        if (gap <= 0 || packet.PreviousFrame is not { } previous || !Decisions.TryGet(previous.Number, out var earlier)) return 0;
        if (previous.Number == frame.Number) return decision.Accepted ? 0 : (int)gap;
        if (earlier.Accepted && decision.Accepted) return 0;

        var tailMissing = !previous.EndSeen;
        var headMissing = !frame.StartSeen;
        if (frame.Number == previous.Number + 1)
        {
            if (!earlier.Accepted && !decision.Accepted) return (int)gap;
            if (!earlier.Accepted) return headMissing ? (tailMissing ? 1 : 0) : (int)gap;
            return tailMissing ? (headMissing ? 1 : 0) : (int)gap;
        }

        // At least one packet of a refused frame with unseen end or start is among the missing ones.
        var skipped = 0;
        if (!earlier.Accepted && tailMissing) skipped++;
        if (!decision.Accepted && headMissing) skipped++;
        return (int)Math.Min(skipped, gap);
    }
}

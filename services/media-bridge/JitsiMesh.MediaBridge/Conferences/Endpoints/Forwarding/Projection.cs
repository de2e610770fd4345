using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// Makes one source's changing choice of encodings and layers look like one continuous stream to one receiver. Decides each frame once, with
/// its first packet that is seen: the packets of a refused frame are dropped and leave no hole, those of an accepted one always go.
/// </summary>
/// <remarks>Subclasses know one way of describing frames; this class knows numbers and simulcast.</remarks>
internal abstract class Projection(VideoSource source, OutputState output)
{
    protected const int ClockRate = 90_000;

    /// <summary>A thirtieth of a second: the least step of the timestamp over a change.</summary>
    protected const uint OneFrame = 3000;

    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private readonly SequenceMap _map = new();
    private EncodingChoice _choice = new();
    private uint _timestampDelta;

    public VideoSource Source { get; } = source;

    public OutputState Output { get; } = output;

    /// <summary>See <see cref="LayerIndex"/>; <see cref="LayerIndex.Suspended"/> stops at once.</summary>
    public int TargetLayer { get; private set; } = LayerIndex.Suspended;

    /// <summary>The encoding that is forwarded; -1 none.</summary>
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

    /// <summary>Forgets what is forwarded, so that it begins again with a keyframe.</summary>
    public void RequireKeyframe() => _choice.Suspend();

    /// <summary>True when the packet goes to the receiver, with <paramref name="numbers"/> written into it.</summary>
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

    /// <summary>Whether a keyframe is needed to continue, and of which encoding it should be asked.</summary>
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

        // Only ask for what is being sent: a sender that lacks the bandwidth for a large encoding cannot make its keyframe.
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

    /// <summary>Maps a time of the current encoding's clock, as its sender reports carry it; false while nothing was forwarded of it.</summary>
    public bool TryMapTimestamp(int encoding, uint timestamp, out uint mapped)
    {
        mapped = timestamp + _timestampDelta;
        return encoding == _choice.Current && Output.Started;
    }

    /// <summary>Decides a frame of the current encoding that was not seen before.</summary>
    protected abstract FrameDecision Decide(in IngressPacket packet, VideoFrame frame);

    /// <summary>Takes a keyframe of another encoding as the new beginning and gives its decision.</summary>
    protected abstract FrameDecision Begin(in IngressPacket packet, VideoFrame frame);

    /// <summary>Adds what the codec needs to the numbers.</summary>
    protected abstract void Complete(in IngressPacket packet, VideoFrame frame, ref PacketNumbers numbers);

    protected virtual bool WantsKeyframeWithinEncoding() => false;

    private bool TrySwitch(in IngressPacket packet)
    {
        // A late first packet of a keyframe does not count: the rest of that frame has been dropped for this receiver.
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
    /// How many of the numbers missing before a packet belong to refused frames. Two neighbouring frames share what is missing between them:
    /// it is the first one's tail unless its end was seen, and the second one's head unless its start was seen. Frames of which nothing came
    /// keep their numbers, since they may yet come and be wanted.
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

        // At least one packet of a refused frame whose end or start was not seen is among the missing.
        var skipped = 0;
        if (!earlier.Accepted && tailMissing) skipped++;
        if (!decision.Accepted && headMissing) skipped++;
        return (int)Math.Min(skipped, gap);
    }
}

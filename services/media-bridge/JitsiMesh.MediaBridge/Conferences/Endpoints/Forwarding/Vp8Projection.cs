using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>VP8 (RFC 7741): simulcast, temporal layers, and picture ids that increase by one for each forwarded frame. TL0PICIDX is shifted by a constant.</summary>
internal sealed class Vp8Projection(VideoSource source, OutputState output) : Projection(source, output)
{
    private const int AllTemporalLayers = 7;
    private int _tl0Delta;
    private byte _newestTl0;

    private int AllowedTemporal => IsWaitingDown ? 0 : IsWaitingUp ? AllTemporalLayers : LayerIndex.Temporal(TargetLayer);

    protected override FrameDecision Begin(in IngressPacket packet, VideoFrame frame)
    {
        _tl0Delta = Output.Started ? (int)(Output.LastTl0 + 1 - frame.Tl0PictureIndex) : 0;
        _newestTl0 = frame.Tl0PictureIndex;
        return new FrameDecision
        {
            Number = frame.Number,
            Known = true,
            Accepted = true,
            Keyframe = true,
            OutputPicture = Output.Started ? Output.LastPicture + 1 : frame.Number,
        };
    }

    protected override FrameDecision Decide(in IngressPacket packet, VideoFrame frame)
    {
        var allowed = AllowedTemporal;
        var accepted = frame.Keyframe || frame.TemporalId == 0
            || (frame.TemporalId <= allowed && Decisions.IsDecodable(frame.Number, frame.TemporalId));
        return frame.Number > Decisions.Newest ? DecideNewest(frame, accepted, allowed) : DecideLate(frame, accepted);
    }

    protected override void Complete(in IngressPacket packet, VideoFrame frame, ref PacketNumbers numbers)
    {
        Decisions.TryGet(frame.Number, out var decision);
        numbers.RewritesPicture = true;
        numbers.PictureId = (ushort)(decision.OutputPicture & 0x7FFF);
        numbers.Tl0PictureIndex = (byte)(frame.Tl0PictureIndex + _tl0Delta);
        if (decision.OutputPicture <= Output.LastPicture && Output.Started) return;
        Output.LastPicture = decision.OutputPicture;
        Output.LastTl0 = numbers.Tl0PictureIndex;
    }

    private FrameDecision DecideNewest(VideoFrame frame, bool accepted, int allowed)
    {
        Decisions.TryGet(Decisions.Newest, out var newest);
        var unseen = frame.Number - Decisions.Newest - 1;
        if (unseen > 0 && allowed == 0)
        {
            // Of the frames that did not arrive only base layer frames could be wanted, and TL0PICIDX tells their number.
            var baseFrames = (byte)(frame.Tl0PictureIndex - _newestTl0) - (frame.TemporalId == 0 ? 1 : 0);
            unseen = Math.Clamp(baseFrames, 0, unseen);
        }

        _newestTl0 = frame.Tl0PictureIndex;
        return Decision(frame, accepted, newest.OutputPicture + unseen + (accepted ? 1 : 0));
    }

    private FrameDecision DecideLate(VideoFrame frame, bool accepted)
    {
        if (!Decisions.TryGetOlder(frame.Number, out var older)) return Decision(frame, false, 0);

        // Only if a picture id was left free for it.
        var picture = older.OutputPicture + frame.Number - older.Number;
        if (accepted && Decisions.TryGetNewerAccepted(frame.Number, out var newer) && picture >= newer.OutputPicture) accepted = false;
        return Decision(frame, accepted, accepted ? picture : older.OutputPicture);
    }

    private static FrameDecision Decision(VideoFrame frame, bool accepted, long picture) => new()
    {
        Number = frame.Number,
        Known = true,
        Accepted = accepted,
        Keyframe = frame.Keyframe,
        TemporalId = frame.TemporalId,
        OutputPicture = picture,
    };
}

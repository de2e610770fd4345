using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// Forwards one encoding completely and changes on keyframes: for codecs without distinguishable layers. VP9's picture id and TL0PICIDX are shifted by constants so that they
/// continue over a change.
/// </summary>
internal sealed class GenericProjection(VideoSource source, OutputState output) : Projection(source, output)
{
    private long _pictureDelta;
    private int _tl0Delta;

    protected override FrameDecision Begin(in IngressPacket packet, VideoFrame frame)
    {
        _pictureDelta = Output.Started ? Output.LastPicture + 1 - frame.Number : 0;
        _tl0Delta = Output.Started ? (int)(Output.LastTl0 + 1 - frame.Tl0PictureIndex) : 0;
        return Accepted(frame);
    }

    protected override FrameDecision Decide(in IngressPacket packet, VideoFrame frame) => Accepted(frame);

    protected override void Complete(in IngressPacket packet, VideoFrame frame, ref PacketNumbers numbers)
    {
        var picture = frame.Number + _pictureDelta;
        var tl0 = (byte)(frame.Tl0PictureIndex + _tl0Delta);
        if (packet.Description == FrameDescription.Vp9)
        {
            numbers.RewritesPicture = true;
            numbers.PictureId = (ushort)(picture & 0x7FFF);
            numbers.Tl0PictureIndex = tl0;
        }

        if (picture <= Output.LastPicture && Output.Started) return;
        Output.LastPicture = picture;
        Output.LastTl0 = tl0;
    }

    private static FrameDecision Accepted(VideoFrame frame) => new()
    {
        Number = frame.Number,
        Known = true,
        Accepted = true,
        Keyframe = frame.Keyframe,
        TemporalId = frame.TemporalId,
    };
}

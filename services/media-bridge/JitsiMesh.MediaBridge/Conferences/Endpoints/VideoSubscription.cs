using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>One video source for one receiver.</summary>
internal sealed class VideoSubscription(VideoSource source, BridgeEndpoint receiver)
{
    private Projection? _projection;
    private FrameDescription _description;

    public VideoSource Source { get; } = source;

    public BridgeEndpoint Receiver { get; } = receiver;

    /// <summary>Null while no slot is lent to the source.</summary>
    public EgressStream? Stream { get; private set; }

    public int TargetLayer { get; private set; } = LayerIndex.Suspended;

    /// <summary>The receiver's constraint on this source after lastN; for the sender's constraints.</summary>
    public VideoConstraints EffectiveConstraints { get; set; }

    public Projection? Projection => _projection;

    public void SetStream(EgressStream? stream)
    {
        if (ReferenceEquals(stream, Stream)) return;
        Stream = stream;
        _projection = null;
    }

    public void SetTarget(int layer)
    {
        TargetLayer = layer;
        _projection?.SetTarget(layer);
    }

    public bool TryProject(in IngressPacket packet, out PacketNumbers numbers)
    {
        if (TargetLayer < 0 || Stream is null)
        {
            numbers = default;
            return false;
        }

        if (_projection is null || _description != packet.Description)
        {
            // The output stream continues with any codec: a change of codec is handled like a change of encoding.
            _description = packet.Description;
            _projection = packet.Description switch
            {
                FrameDescription.Vp8 => new Vp8Projection(Source, Stream.Output),
                FrameDescription.Descriptor => new DescriptorProjection(Source, Stream.Output),
                _ => new GenericProjection(Source, Stream.Output),
            };
            _projection.SetTarget(TargetLayer);
        }

        return _projection.TryProject(packet, out numbers);
    }
}

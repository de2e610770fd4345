using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>One named camera or screen of an endpoint.</summary>
internal sealed class VideoSource
{
    public VideoSource(BridgeEndpoint owner, SourceLayout layout)
    {
        Owner = owner;
        Layout = layout;
        VideoType = layout.VideoType;
        Encodings = new VideoEncoding[layout.Encodings.Count];
        for (var i = 0; i < Encodings.Length; i++)
        {
            Encodings[i] = new VideoEncoding(this, i, layout.Encodings[i].Ssrc, layout.Encodings[i].RtxSsrc);
        }
    }

    public BridgeEndpoint Owner { get; }

    public SourceLayout Layout { get; }

    public string Name => Layout.Name;

    public VideoType VideoType { get; set; }

    /// <summary>From the smallest to the largest; the first one's SSRCs represent the source to receivers without rewriting.</summary>
    public VideoEncoding[] Encodings { get; }

    /// <summary>The subscriptions to the source; the forwarding loop iterates over them.</summary>
    public List<VideoSubscription> Subscriptions { get; } = [];

    /// <summary>The largest height that a receiver wants, as last sent to the owner; -1: no limit.</summary>
    public int MaxRequestedHeight { get; set; } = -2;

    public List<LayerSnapshot> GetLayers(MonotonicTime now)
    {
        var layers = new List<LayerSnapshot>();
        foreach (var encoding in Encodings) encoding.AppendLayers(layers, now);
        return layers;
    }

    public bool IsSending(MonotonicTime now)
    {
        foreach (var encoding in Encodings)
        {
            if (encoding.IsAlive(now)) return true;
        }

        return false;
    }
}

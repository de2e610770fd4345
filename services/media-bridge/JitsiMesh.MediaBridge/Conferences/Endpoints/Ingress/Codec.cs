namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>A codec, as far as the bridge reads its packets.</summary>
public enum Codec : byte
{
    /// <summary>Any codec that is forwarded without reading the payload.</summary>
    Other,
    Opus,
    Red,
    Vp8,
    Vp9,
    H264,
    Av1,
    Rtx,
}

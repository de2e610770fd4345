namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>A codec as far as the bridge looks into its packets.</summary>
public enum Codec : byte
{
    /// <summary>Anything forwarded without looking in.</summary>
    Other,
    Opus,
    Red,
    Vp8,
    Vp9,
    H264,
    Av1,
    Rtx,
}

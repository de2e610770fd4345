namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>One operating point of a source as a number: <c>encoding &lt;&lt; 6 | spatial &lt;&lt; 3 | temporal</c>. A higher number is a better quality.</summary>
public static class LayerIndex
{
    /// <summary>Nothing is forwarded.</summary>
    public const int Suspended = -1;

    public static int Of(int encoding, int spatial, int temporal) => (encoding << 6) | (spatial << 3) | temporal;

    public static int Encoding(int index) => index < 0 ? -1 : index >> 6;

    public static int Spatial(int index) => index < 0 ? -1 : (index >> 3) & 7;

    public static int Temporal(int index) => index < 0 ? -1 : index & 7;
}

/// <summary>A layer at one moment, for the allocation.</summary>
/// <param name="Index">See <see cref="LayerIndex"/>.</param>
/// <param name="Height">Pixels of the smaller dimension.</param>
/// <param name="FrameRate">Frames a second; negative when unknown.</param>
/// <param name="BitsPerSecond">The measured rate of the layer and all layers it depends on; 0: not sent now.</param>
public readonly record struct LayerSnapshot(int Index, int Height, double FrameRate, long BitsPerSecond);

namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>The maximum height and frame rate of one video source for a receiver.</summary>
/// <param name="MaxHeight">Pixels of the smaller dimension; -1: no limit, 0: off.</param>
/// <param name="MaxFrameRate">Frames a second; -1: no limit, 0: off.</param>
public readonly record struct VideoConstraints(int MaxHeight, double MaxFrameRate = -1)
{
    public static readonly VideoConstraints Nothing = new(0);

    public static readonly VideoConstraints Unlimited = new(-1);

    public bool IsOff => MaxHeight == 0 || MaxFrameRate == 0;

    public bool AllowsHeight(int height) => MaxHeight < 0 || height <= MaxHeight;
}

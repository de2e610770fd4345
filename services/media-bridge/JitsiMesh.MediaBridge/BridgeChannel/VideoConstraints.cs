namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>How much of one video source a receiver wants.</summary>
/// <param name="MaxHeight">Pixels of the smaller dimension; -1 without limit, 0 off.</param>
/// <param name="MaxFrameRate">Frames a second; -1 without limit, 0 off.</param>
public readonly record struct VideoConstraints(int MaxHeight, double MaxFrameRate = -1)
{
    public static readonly VideoConstraints Nothing = new(0);

    public static readonly VideoConstraints Unlimited = new(-1);

    public bool IsOff => MaxHeight == 0 || MaxFrameRate == 0;

    public bool AllowsHeight(int height) => MaxHeight < 0 || height <= MaxHeight;
}

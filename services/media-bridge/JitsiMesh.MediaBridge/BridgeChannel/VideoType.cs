namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>The kind of a video source, with the names of the bridge channel.</summary>
public enum VideoType
{
    Camera,
    Desktop,
    DesktopHighFps,

    /// <summary>The source exists and sends nothing (a muted camera).</summary>
    None,
    Disabled,
}

public static class VideoTypes
{
    /// <summary>Parses a name from a client or from signalling, in any case; an unknown or empty name is a camera.</summary>
    public static VideoType Parse(string? word) => word?.ToUpperInvariant() switch
    {
        "DESKTOP" => VideoType.Desktop,
        "DESKTOP_HIGH_FPS" => VideoType.DesktopHighFps,
        "NONE" => VideoType.None,
        "DISABLED" => VideoType.Disabled,
        _ => VideoType.Camera,
    };

    /// <summary>The upper-case name for source maps.</summary>
    public static string ToWire(this VideoType type) => type switch
    {
        VideoType.Desktop => "DESKTOP",
        VideoType.DesktopHighFps => "DESKTOP_HIGH_FPS",
        VideoType.None => "NONE",
        VideoType.Disabled => "DISABLED",
        _ => "CAMERA",
    };

    public static bool IsDesktop(this VideoType type) => type is VideoType.Desktop or VideoType.DesktopHighFps;

    public static bool IsEnabled(this VideoType type) => type is not (VideoType.None or VideoType.Disabled);
}

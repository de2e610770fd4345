namespace JitsiMesh.Focus.Conferences;

/// <summary>The media kind of a mute IQ; each kind has its own namespace.</summary>
public enum MuteKind
{
    Audio,
    Video,
    Desktop,
}

internal static class MuteKinds
{
    private const string Prefix = "http://jitsi.org/jitmeet/";

    public static string Namespace(MuteKind kind) => kind switch
    {
        MuteKind.Audio => Prefix + "audio",
        MuteKind.Video => Prefix + "video",
        _ => Prefix + "desktop",
    };

    public static bool TryParse(string ns, out MuteKind kind)
    {
        kind = ns switch
        {
            Prefix + "video" => MuteKind.Video,
            Prefix + "desktop" => MuteKind.Desktop,
            _ => MuteKind.Audio,
        };
        return ns == Namespace(kind);
    }
}

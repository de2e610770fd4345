namespace JitsiMesh.Hosting.Settings.Effects;

public enum NoticeLevel
{
    Information,
    Warning,

    /// <summary>The service does not start.</summary>
    Fatal,
}

/// <summary>A line about the settings for the operator, logged by one service so that a cluster does not log it seven times.</summary>
/// <param name="Service">The service that logs it, or <see cref="EveryService"/>; a single process logs all lines.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="Text">The line, which names the setting.</param>
public sealed record SettingNotice(string Service, NoticeLevel Level, string Text)
{
    /// <summary>Each process logs it, because each has its own settings there.</summary>
    public const string EveryService = "every";
}

namespace JitsiMesh.Hosting.Settings.Effects;

public enum NoticeLevel
{
    Information,
    Warning,

    /// <summary>The service does not start.</summary>
    Fatal,
}

/// <summary>A line about the settings for the operator, said by one service so that a cluster does not say it seven times.</summary>
/// <param name="Service">The service that says it, or <see cref="EveryService"/>; in one process all lines are said.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="Text">The line, which names the setting.</param>
public sealed record SettingNotice(string Service, NoticeLevel Level, string Text)
{
    /// <summary>Each process says it, since each has settings of its own there.</summary>
    public const string EveryService = "every";
}

namespace JitsiMesh.Doctor.Reports;

public enum CheckState
{
    Ok,

    /// <summary>It works here, and may not work for somebody else.</summary>
    Warning,

    /// <summary>People will notice.</summary>
    Failed,

    /// <summary>Could not be tried, since something that it needs has failed or is switched off.</summary>
    Skipped,
}

/// <summary>One line of the report.</summary>
/// <param name="Name">What was looked at, one or two words.</param>
/// <param name="State">How it is.</param>
/// <param name="Seen">What was seen.</param>
/// <param name="Advice">What to do about it, with the name of the setting; null when nothing is to be done.</param>
public sealed record CheckResult(string Name, CheckState State, string Seen, string? Advice = null)
{
    public static CheckResult Ok(string name, string seen) => new(name, CheckState.Ok, seen);

    public static CheckResult Warning(string name, string seen, string? advice = null) => new(name, CheckState.Warning, seen, advice);

    public static CheckResult Failed(string name, string seen, string? advice = null) => new(name, CheckState.Failed, seen, advice);

    public static CheckResult Skipped(string name, string reason) => new(name, CheckState.Skipped, reason);
}

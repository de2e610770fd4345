namespace JitsiMesh.Doctor.Reports;

public enum CheckState
{
    Ok,

    /// <summary>It works here, but may not work for other clients.</summary>
    Warning,

    /// <summary>Users will notice it.</summary>
    Failed,

    /// <summary>Not checked, since a prerequisite has failed or is switched off.</summary>
    Skipped,
}

/// <summary>One line of the report.</summary>
/// <param name="Name">The name of the check, one or two words.</param>
/// <param name="State">The result.</param>
/// <param name="Seen">The observation.</param>
/// <param name="Advice">The remedy, with the name of the setting; null when none is needed.</param>
public sealed record CheckResult(string Name, CheckState State, string Seen, string? Advice = null)
{
    /// <summary>The code that the page shows users for this failure (docs/errors.md); null without a failure, or when the page shows none.</summary>
    public string? Code => State == CheckState.Failed ? PageCodes.Of(Name) : null;

    public static CheckResult Ok(string name, string seen) => new(name, CheckState.Ok, seen);

    public static CheckResult Warning(string name, string seen, string? advice = null) => new(name, CheckState.Warning, seen, advice);

    public static CheckResult Failed(string name, string seen, string? advice = null) => new(name, CheckState.Failed, seen, advice);

    public static CheckResult Skipped(string name, string reason) => new(name, CheckState.Skipped, reason);
}

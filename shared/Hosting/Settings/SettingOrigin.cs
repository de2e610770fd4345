namespace JitsiMesh.Hosting.Settings;

/// <summary>The origin of a value.</summary>
public enum SettingSource
{
    /// <summary>The declaration's default: the setting is unset.</summary>
    Default,

    /// <summary>The process's environment.</summary>
    Environment,

    /// <summary>A line of the <c>.env</c> file.</summary>
    EnvFile,

    /// <summary>The file that <c>NAME_FILE</c> names.</summary>
    SecretFile,

    /// <summary>Another setting.</summary>
    Derived,

    /// <summary>The program that made these settings.</summary>
    Given,
}

/// <summary>The origin of a value.</summary>
/// <param name="Source">The kind of origin.</param>
/// <param name="Line">Of the <c>.env</c> file, else 0.</param>
/// <param name="Detail">The file's name, or the other setting's; empty for the rest.</param>
public readonly record struct SettingOrigin(SettingSource Source, int Line = 0, string Detail = "")
{
    public override string ToString() => Source switch
    {
        SettingSource.Environment => "environment",
        SettingSource.EnvFile => FormattableString.Invariant($"{Detail} line {Line}"),
        SettingSource.SecretFile => $"file {Detail}",
        SettingSource.Derived => $"derived from {Detail}",
        SettingSource.Given => "given",
        _ => "default",
    };
}

/// <summary>An invalid value: it prevents the start of services that need it, and counts as unset for all others.</summary>
/// <param name="Name">The setting.</param>
/// <param name="ReadBy">The services that need it, comma separated; <c>all</c> for every one.</param>
/// <param name="Problem">One line that names the setting, the value unless it is a secret, and the valid form.</param>
public sealed record SettingRefusal(string Name, string ReadBy, string Problem)
{
    /// <summary>Whether it prevents the start of a service. For a single process, any service's need counts.</summary>
    public bool Stops(string serviceName) => serviceName == MeshNode.AllInOneName ? ReadBy != "compose"
        : ReadBy.Split(',', StringSplitOptions.TrimEntries) is var readers && (readers.Contains("all") || readers.Contains(serviceName));
}

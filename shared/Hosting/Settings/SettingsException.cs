namespace JitsiMesh.Hosting.Settings;

/// <summary>The settings prevent the start of the service. Each problem is one line that names its variable; a host prints them and ends.</summary>
public sealed class SettingsException : Exception
{
    public SettingsException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    public IReadOnlyList<string> Problems { get; }
}

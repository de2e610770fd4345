namespace JitsiMesh.Doctor;

/// <summary>What the command line says.</summary>
public sealed record DoctorOptions
{
    /// <summary>The page's address; that of the settings when null.</summary>
    public Uri? Url { get; init; }

    /// <summary>A certificate that browsers do not trust is a warning, wherever it is.</summary>
    public bool Insecure { get; init; }

    /// <summary>The room of the call; a random one when null.</summary>
    public string? Room { get; init; }

    /// <summary>How long each step may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the call's media is counted.</summary>
    public TimeSpan CallTime { get; init; } = TimeSpan.FromSeconds(5);
}

namespace JitsiMesh.Doctor;

/// <summary>The options of the command line.</summary>
public sealed record DoctorOptions
{
    /// <summary>The page's address; the one from the settings when null.</summary>
    public Uri? Url { get; init; }

    /// <summary>Treats an untrusted certificate as a warning for every host.</summary>
    public bool Insecure { get; init; }

    /// <summary>The room of the call; a random one when null.</summary>
    public string? Room { get; init; }

    /// <summary>Timeout of each step.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The duration of the call in which media is counted.</summary>
    public TimeSpan CallTime { get; init; } = TimeSpan.FromSeconds(5);
}

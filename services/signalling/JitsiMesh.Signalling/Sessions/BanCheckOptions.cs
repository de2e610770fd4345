using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>How the access manager is asked.</summary>
public sealed record BanCheckOptions
{
    public required Uri Address { get; init; }

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether people come in while it does not answer.</summary>
    public bool FailsOpen { get; init; } = true;

    /// <returns>Null where nobody is asked.</returns>
    public static BanCheckOptions? From(MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.Get(KnownSettings.AccessManagerUrl) is not { } address ? null : new BanCheckOptions
        {
            Address = address,
            Timeout = settings.Get(KnownSettings.AccessManagerTimeout),
            FailsOpen = settings.Get(KnownSettings.AccessManagerFail) is AccessManagerFailure.Open,
        };
    }
}

using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Signalling.Reservations;

/// <summary>How the reservation system is reached.</summary>
public sealed record ReservationOptions
{
    /// <summary>Without a slash at its end.</summary>
    public required string Prefix { get; init; }

    /// <summary>Of one answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    public int Retries { get; init; } = 3;

    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Empty for none.</summary>
    public string Authorization { get; init; } = "";

    /// <summary>How long an answer may take with all that can happen: two requests, each with its retries, and a place in the queue.</summary>
    public TimeSpan LongestTime => 2 * (((Retries + 1) * Timeout) + (Retries * RetryDelay)) + TimeSpan.FromSeconds(30);

    /// <returns>Null where reservations are off.</returns>
    /// <exception cref="SettingsException">They are on, and nobody says where the reservation system is.</exception>
    public static ReservationOptions? From(MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!settings.Reservations) return null;
        if (settings.ReservationUrl is not { } url) throw new SettingsException([$"{KnownSettings.ReservationUrl.Name}: with {KnownSettings.ReservationEnabled.Name}=1 it must be set"]);
        if (url.Query.Length + url.Fragment.Length + url.UserInfo.Length > 0)
        {
            throw new SettingsException([$"{KnownSettings.ReservationUrl.Name}: a user, a password, a query ('?') or a fragment ('#') has no place in it; credentials go into {KnownSettings.ReservationAuthorization.Name}"]);
        }

        return new ReservationOptions
        {
            Prefix = url.AbsoluteUri.TrimEnd('/'),
            Timeout = settings.Get(KnownSettings.ReservationTimeout),
            Retries = settings.Get(KnownSettings.ReservationRetries),
            RetryDelay = settings.Get(KnownSettings.ReservationRetryDelay),
            Authorization = settings.Get(KnownSettings.ReservationAuthorization),
        };
    }

    public override string ToString() => "reservation options";
}

using StackExchange.Redis;

namespace JitsiMesh.Hosting.Settings;

/// <summary>What MESH_REDIS may hold, as StackExchange.Redis reads it.</summary>
internal static class RedisAddress
{
    public static bool IsAccepted(string text) => !text.Contains("://", StringComparison.Ordinal) && Read(text) is { EndPoints.Count: > 0 };

    /// <summary>Without Sentinels the client takes the first that says it is the master, and a former one says so too until it is told.</summary>
    public static bool NamesSeveralWithoutSentinel(string text) => Read(text) is { EndPoints.Count: > 1, ServiceName: null or "" };

    // The library's own words hold the value, password and all: they are not passed on.
    private static ConfigurationOptions? Read(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            return null;
        }
    }
}

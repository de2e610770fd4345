using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Observability;

internal static class MeshLogging
{
    /// <summary>One line an event on stdout with local time and scopes, as text or as JSON.</summary>
    public static void AddMeshLogging(this IHostApplicationBuilder builder, string serviceName, MeshSettings settings)
    {
        var level = settings.Get(KnownSettings.LogLevel) switch
        {
            LogVerbosity.Debug => LogLevel.Debug,
            LogVerbosity.Warn => LogLevel.Warning,
            LogVerbosity.Error => LogLevel.Error,
            _ => LogLevel.Information,
        };
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(level);

        // At Information the frameworks log a line for each request or connection: only when debug is enabled.
        if (level == LogLevel.Information)
        {
            foreach (var category in new[] { "Microsoft", "System", "MassTransit", "Grpc", "Yarp" }) builder.Logging.AddFilter(category, LogLevel.Warning);
        }

        if (settings.Get(KnownSettings.LogFormat) == LogFormat.Json)
        {
            builder.Logging.AddJsonConsole(options =>
            {
                options.IncludeScopes = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffzzz";
            });
        }
        else
        {
            builder.Logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.IncludeScopes = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffzzz ";
            });
        }

        foreach (var setting in FilesOf(serviceName).Where(settings.IsSet)) builder.Logging.AddProvider(new LogFile(setting.Name, settings.Get(setting)));
    }

    // A single process has one log, which goes to each of the files.
    private static IEnumerable<Setting<string>> FilesOf(string serviceName) => serviceName switch
    {
        "media-bridge" => [KnownSettings.JvbLogFile],
        "focus" => [KnownSettings.JicofoLogFile],
        "sip-gateway" => [KnownSettings.JigasiLogFile],
        MeshNode.AllInOneName => [KnownSettings.JvbLogFile, KnownSettings.JicofoLogFile, KnownSettings.JigasiLogFile],
        _ => [],
    };
}

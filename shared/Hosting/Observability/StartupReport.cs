using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Observability;

/// <summary>The first lines of the log: warnings about settings, and the settings in force. Also makes the listeners' ports known.</summary>
internal sealed partial class StartupReport(MeshSettings settings, MeshNode node, ListenAddresses addresses, MeshListeners listeners, IServiceProvider services, IHostApplicationLifetime lifetime, ILogger<StartupReport> logger)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var notice in settings.NoticesOf(node.ServiceName))
        {
            if (notice.Level == NoticeLevel.Warning) LogWarning(notice.Text);
            else LogNotice(notice.Text);
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(settings.Get(KnownSettings.TimeZone), out _)) LogTimeZone(settings.Get(KnownSettings.TimeZone));
        foreach (var (name, value) in settings.Describe()) LogSetting(name, value);
        LogStarting(node.ServiceName, node.NodeId);

        // A single process has every module; the operator did not choose them.
        foreach (var missing in services.GetServices<MeshService>().Select(service => service.Missing).OfType<string>().Where(_ => !node.InOneProcess)) LogWarning(missing);
        if (services.GetService<IServer>() is { } server) lifetime.ApplicationStarted.Register(() => addresses.Set(server, listeners));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "{Notice}")]
    private partial void LogNotice(string notice);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "TZ: '{Zone}' is not a time zone of this system, UTC is used")]
    private partial void LogTimeZone(string zone);

    [LoggerMessage(EventId = 3, Level = LogLevel.Debug, Message = "{Name}={Value}")]
    private partial void LogSetting(string name, string value);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "{Service} starts as {Node}")]
    private partial void LogStarting(string service, string node);
}

using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>Says at start which settings ask for services that do not answer in this version; the client's configuration leaves them out.</summary>
internal sealed partial class UnservedSettings(MeshSettings settings, ILogger<UnservedSettings> logger) : IHostedService
{
    private static readonly string[] Names = ["ENABLE_RECORDING", "ENABLE_TRANSCRIPTIONS"];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Names.Where(name => settings.Get(ClientSettings.SwitchOf(name)))) LogUnserved(name);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Setting} is on, and no service of this version does that: clients are not told of it")]
    private partial void LogUnserved(string setting);
}

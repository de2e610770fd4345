using System.Globalization;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>Opens the UDP port if one is set, ends expired allocations, and logs at the start whether the relay is on.</summary>
internal sealed partial class TurnService(TurnRelay relay, TurnMetrics metrics, MeshSettings settings, MeshNode node, TimeProvider time, ILogger<TurnService> logger) : BackgroundService
{
    /// <summary>Null without a UDP port.</summary>
    public TurnUdpPort? Udp { get; private set; }

    public override void Dispose()
    {
        Udp?.Dispose();
        base.Dispose();
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (relay.IsOn)
        {
            metrics.Start();
            if (settings.Get(KnownSettings.TurnUdp) is { } port) Udp = new TurnUdpPort(relay, port, settings.Get(KnownSettings.EnableIpv6));
            LogOn(settings.Get(KnownSettings.DisableHttps) ? "HTTP" : "HTTP and HTTPS", Udp is null ? "none" : Udp.EndPoint.Port.ToString(CultureInfo.InvariantCulture));
        }
        else if (settings.Get(KnownSettings.TurnRelay) && !node.InOneProcess)
        {
            LogNoSecret();
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!relay.IsOn) return;
        var reading = Udp?.RunAsync(stoppingToken) ?? Task.CompletedTask;
        using var timer = new PeriodicTimer(TurnHostLimits.SweepEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) relay.Sweep();
        }
        catch (OperationCanceledException)
        {
            // The host is stopping.
        }

        Udp?.Dispose();
        await reading;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "TURN on the ports of {Listeners}; UDP port: {Udp}")]
    private partial void LogOn(string listeners, string udp);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "MESH_TURN_SECRET: is unset, so there is no TURN relay for networks without UDP; ./gen-passwords.sh generates it, MESH_TURN=0 turns the relay off")]
    private partial void LogNoSecret();
}

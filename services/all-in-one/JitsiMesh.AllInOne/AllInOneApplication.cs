using JitsiMesh.Auth;
using JitsiMesh.EdgeProxy;
using JitsiMesh.EdgeProxy.Routes;
using JitsiMesh.Focus;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.MediaBridge;
using JitsiMesh.Recorder;
using JitsiMesh.Signalling;
using JitsiMesh.Signalling.Tcp;
using JitsiMesh.SipGateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.AllInOne;

/// <summary>Every service's module in one process: the bus, the store and the stanza link are in memory, and no call leaves the process.</summary>
public sealed class AllInOneApplication : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MeshSettings _settings;

    private AllInOneApplication(WebApplication app, MeshSettings settings)
    {
        _app = app;
        _settings = settings;
    }

    public IServiceProvider Services => _app.Services;

    /// <summary>The ports that were opened; a setting of 0 lets the system choose. Known once started.</summary>
    public int HttpPort => Addresses.Port(Edge.HttpIndex);

    /// <summary>0 with DISABLE_HTTPS.</summary>
    public int HttpsPort => Addresses.Port(Edge.HttpsIndex);

    /// <summary>The loopback port of health, metrics and debug pages.</summary>
    public int InnerPort => Addresses.HttpPort;

    /// <summary>Where a person goes: PUBLIC_URL, else this machine's.</summary>
    public string Url => _settings.PublicUrl
        ?? (Edge.HttpsIndex is null ? FormattableString.Invariant($"http://localhost:{HttpPort}") : FormattableString.Invariant($"https://localhost:{HttpsPort}"));

    /// <summary>Where XMPP over TCP is listened for, as address:port, with * for every address; null where it is off.</summary>
    public string? XmppTcp => Services.GetService<XmppTcpListener>() is { } listener
        ? FormattableString.Invariant($"{_settings.XmppTcpPort?.Address?.ToString() ?? "*"}:{Addresses.Port(listener.Index)}")
        : null;

    private ListenAddresses Addresses => Services.GetRequiredService<ListenAddresses>();

    private EdgeListeners Edge => Services.GetRequiredService<EdgeListeners>();

    /// <summary>Composes everything; nothing listens yet.</summary>
    /// <param name="settings">For tests: ports of 0, CONFIG in a folder of the test's own.</param>
    /// <param name="args">Of the command line; none mean anything yet.</param>
    /// <param name="prepare">Runs before the modules are added, for instance to register a clock of the test's own.</param>
    public static Task<AllInOneApplication> CreateAsync(MeshSettings settings, string[]? args = null, Action<IHostApplicationBuilder>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var builder = MeshHost.CreateBuilder(args ?? []);
        prepare?.Invoke(builder);
        builder.AddMeshDefaults(MeshNode.AllInOneName, settings);
        builder.AddAuth();
        builder.AddSignalling();
        builder.AddFocus();
        builder.AddMediaBridge();
        builder.AddSipGateway();
        builder.AddRecorder();
        builder.AddEdgeProxy();

        var app = builder.Build();
        app.MapMeshDefaults();
        app.MapAuth();
        app.MapSignalling();
        app.MapFocus();
        app.MapMediaBridge();
        app.MapSipGateway();
        app.MapRecorder();
        app.MapEdgeProxy();
        return Task.FromResult(new AllInOneApplication(app, settings));
    }

    public Task StartAsync(CancellationToken cancellation = default) => _app.StartAsync(cancellation);

    /// <summary>Ends when the process is told to stop and has drained.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation = default) => _app.WaitForShutdownAsync(cancellation);

    public Task StopAsync(CancellationToken cancellation = default) => _app.StopAsync(cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

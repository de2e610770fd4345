using System.Globalization;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.AllInOne;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.MediaBridge;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>The all-in-one in this process, on loopback, with its data in a folder that goes away.</summary>
public sealed class InProcessMesh : IMeshUnderTest, IAsyncDisposable
{
    private readonly AllInOneApplication _application;
    private readonly LogCollector _log;
    private readonly string _folder;
    private readonly HttpClient _inner;

    private InProcessMesh(AllInOneApplication application, LogCollector log, string folder, int mediaPort)
    {
        _application = application;
        _log = log;
        _folder = folder;
        Media = new IPEndPoint(IPAddress.Loopback, mediaPort);
        _inner = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{application.InnerPort}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri WebSocket => new($"ws://127.0.0.1:{_application.HttpPort}/xmpp-websocket");

    public Uri PlainHttp => new($"http://127.0.0.1:{_application.HttpPort}/");

    /// <summary>The page over TLS, with the self-signed certificate.</summary>
    public Uri Page => new($"https://localhost:{_application.HttpsPort}/");

    public string Domain => "meet.jitsi";

    public string MucDomain => "muc.meet.jitsi";

    public IPEndPoint Media { get; }

    public IReadOnlyList<LogLine> Log => _log.Lines;

    public IServiceProvider Services => _application.Services;

    /// <param name="changes">Settings over those of a mesh on loopback; null takes one away.</param>
    /// <param name="prepare">Runs before the modules are added.</param>
    public static async Task<InProcessMesh> StartAsync(IReadOnlyDictionary<string, string?>? changes = null, Action<IHostApplicationBuilder>? prepare = null)
    {
        var folder = Directory.CreateTempSubdirectory("jitsimesh-").FullName;
        // The bridge must know the address of its WebSocket before anything listens, and tests must know the media port.
        var https = FreePort(udp: false);
        var media = FreePort(udp: true);
        var settings = new Dictionary<string, string?>
        {
            ["CONFIG"] = folder,
            ["HTTP_PORT"] = "127.0.0.1:0",
            ["HTTPS_PORT"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{https}"),
            ["MESH_HTTP_PORT"] = "127.0.0.1:0",
            ["MESH_NODE_NAME"] = "node-under-test",
            ["JVB_PORT"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{media}"),
            ["JVB_DISABLE_STUN"] = "1",
            ["PUBLIC_URL"] = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{https}"),
            ["ENABLE_HTTP_REDIRECT"] = "0",
            ["LOG_LEVEL"] = "info",
        };
        foreach (var (key, value) in changes ?? new Dictionary<string, string?>()) settings[key] = value;
        var application = await AllInOneApplication.CreateAsync(MeshSettings.From(settings), prepare: prepare);
        var log = new LogCollector();
        application.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);

        // The scenarios' clients may say what their downlink carries, where the machine's own slowness must not be taken for a narrow one.
        application.Services.GetRequiredService<MediaBridgeOptions>().AssumedBandwidthLimitBps = 100_000_000;
        await application.StartAsync();
        return new InProcessMesh(application, log, folder, media);
    }

    public async Task<string> InnerAsync(string path) => await _inner.GetStringAsync(new Uri(path, UriKind.Relative));

    public async ValueTask DisposeAsync()
    {
        _inner.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort(bool udp)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, udp ? SocketType.Dgram : SocketType.Stream, udp ? ProtocolType.Udp : ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

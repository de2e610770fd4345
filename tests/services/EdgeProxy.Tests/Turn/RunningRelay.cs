using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.EdgeProxy.Routes;
using JitsiMesh.EdgeProxy.Turn;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Client;
using JitsiMesh.Turn.Credentials;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.EdgeProxy.Tests.Turn;

/// <summary>An edge with its relay, and a bridge that echoes.</summary>
internal sealed class RunningRelay : IAsyncDisposable
{
    public const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly Socket _bridge = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _echoing;

    private RunningRelay(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        _bridge.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Bridge = (IPEndPoint)_bridge.LocalEndPoint!;
        _echoing = EchoAsync();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public IPEndPoint Bridge { get; }

    public HttpClient Http { get; }

    public int HttpPort => _app.Services.GetRequiredService<ListenAddresses>().Port(Listeners.HttpIndex);

    public int HttpsPort => _app.Services.GetRequiredService<ListenAddresses>().Port(Listeners.HttpsIndex);

    public int UdpPort => _app.Services.GetRequiredService<TurnService>().Udp!.EndPoint.Port;

    public TurnRelay Relay => _app.Services.GetRequiredService<TurnRelay>();

    private EdgeListeners Listeners => _app.Services.GetRequiredService<EdgeListeners>();

    public static async Task<RunningRelay> StartAsync(TimeProvider? time = null, params (string Name, string Value)[] values)
    {
        var folder = Directory.CreateTempSubdirectory("jitsimesh-relay-").FullName;
        var web = Directory.CreateDirectory(Path.Combine(folder, "www")).FullName;
        await File.WriteAllTextAsync(Path.Combine(web, "index.html"), "<!doctype html><title>the client</title>");
        var settings = new Dictionary<string, string?>
        {
            ["CONFIG"] = folder,
            ["WEB_ROOT"] = web,
            ["HTTP_PORT"] = "127.0.0.1:0",
            ["HTTPS_PORT"] = "127.0.0.1:0",
            ["MESH_HTTP_PORT"] = "127.0.0.1:0",
            ["MESH_GRPC_PORT"] = "127.0.0.1:0",
            ["MESH_TURN_UDP"] = "127.0.0.1:0",
            ["MESH_TURN_SECRET"] = Secret,
            ["LOG_LEVEL"] = "error",
        };
        foreach (var (name, value) in values) settings[name] = value;
        var builder = MeshHost.CreateBuilder([]);
        if (time is not null) builder.Services.AddSingleton(time);
        builder.AddMeshDefaults("edge-proxy", MeshSettings.From(settings));
        builder.AddEdgeProxy();
        var app = builder.Build();
        app.MapMeshDefaults();
        app.MapEdgeProxy();
        await app.StartAsync();
        var running = new RunningRelay(app, folder);
        await running.ReportAsync();
        return running;
    }

    public TurnClientMessages NewMessages(string user = "ann")
    {
        var name = RestCredentials.Username(DateTimeOffset.UtcNow.AddHours(1), user);
        return new TurnClientMessages(name, RestCredentials.Password(Secret, name), SecureRandomSource.Instance);
    }

    public async Task<RelayClient> TcpAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new RelayClient(new NetworkStream(socket, ownsSocket: true), NewMessages(), isStream: true);
    }

    /// <param name="protocols">Of ALPN; none when empty.</param>
    public async Task<SslStream> TlsStreamAsync(params string[] protocols)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, HttpsPort));
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(p => new SslApplicationProtocol(p))],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=JitsiMesh self-signed",
        });
        return stream;
    }

    public async Task<RelayClient> TlsAsync(params string[] protocols) => new(await TlsStreamAsync(protocols), NewMessages(), isStream: true);

    public async Task<RelayClient> UdpAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, UdpPort));
        return new RelayClient(new NetworkDatagrams(socket), NewMessages(), isStream: false);
    }

    /// <summary>Waits for a condition; false when it does not come.</summary>
    public static async Task<bool> ComesAsync(Func<bool> condition)
    {
        var since = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(30)) return false;
            await Task.Delay(20);
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _ending.CancelAsync();
        _bridge.Dispose();
        await _echoing;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _ending.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task ReportAsync() => _app.Services.GetRequiredService<BridgePeers>().NoteAsync(
        new BridgeStatusReported
        {
            BridgeId = "jvb-1",
            Number = 1,
            StartedAt = DateTimeOffset.UnixEpoch,
            ControlAddress = "http://127.0.0.1:1",
            WebSocketAddress = "http://127.0.0.1:1",
            MediaAddresses = [new BridgeMediaAddress { Address = Bridge.ToString() }],
        },
        CancellationToken.None);

    private async Task EchoAsync()
    {
        var buffer = new byte[2000];
        try
        {
            while (true)
            {
                var received = await _bridge.ReceiveFromAsync(buffer, SocketFlags.None, Bridge, _ending.Token);
                await _bridge.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), SocketFlags.None, received.RemoteEndPoint, _ending.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }
}

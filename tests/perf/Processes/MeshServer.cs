using System.Globalization;

namespace JitsiMesh.Perf.Processes;

/// <summary>The built all-in-one, as <c>./mesh up</c> starts it, on ports of this run.</summary>
internal sealed class MeshServer : IAsyncDisposable
{
    public const string MediaThread = "media-bridge-0";
    private readonly ServerProcess _process;

    private MeshServer(ServerProcess process, int httpsPort, int httpPort, int innerPort)
    {
        _process = process;
        HttpsPort = httpsPort;
        HttpPort = httpPort;
        InnerPort = innerPort;
    }

    public int Id => _process.Id;

    public int HttpsPort { get; }

    public int HttpPort { get; }

    public int InnerPort { get; }

    public string Log => _process.Log;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"https://localhost:{HttpsPort}");

    /// <summary>Without TLS, as the peers are spoken to.</summary>
    public Uri WebSocket => new(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{HttpPort}/xmpp-websocket"));

    public TimeSpan StartTime { get; private set; }

    /// <param name="ports">Where from.</param>
    /// <param name="settings">Beside the ports.</param>
    /// <param name="assembly">Another build than the ordinary one.</param>
    public static async Task<MeshServer> StartAsync(PortRange ports, IReadOnlyDictionary<string, string>? settings = null, string? assembly = null)
    {
        var (https, http, media, inner) = (ports.Next(), ports.Next(), ports.Next(), ports.Next());
        var folder = ServerProcess.NewFolder();
        var environment = new Dictionary<string, string>
        {
            ["CONFIG"] = folder,
            ["HTTPS_PORT"] = Text(https),
            ["HTTP_PORT"] = Text(http),
            ["MESH_HTTP_PORT"] = Text(inner),
            ["JVB_PORT"] = HostAddress.Value + ":" + Text(media),
            ["PUBLIC_URL"] = "https://localhost:" + Text(https),
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string>()) environment[key] = value;
        var process = ServerProcess.Start("dotnet", [assembly ?? Tree.Built("JitsiMesh.AllInOne")], folder, environment, "Ready: ");
        var server = new MeshServer(process, https, http, inner);
        try
        {
            server.StartTime = await process.ReadyAsync(TimeSpan.FromSeconds(60));
            return server;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}

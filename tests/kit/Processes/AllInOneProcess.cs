using System.Globalization;
using System.Net;

namespace JitsiMesh.Kit.Processes;

/// <summary>The built all-in-one as a separate process, as <c>./mesh up</c> starts it, on its own ports, with its data in a temporary folder.</summary>
public sealed class AllInOneProcess : IAsyncDisposable
{
    /// <summary>The name of the thread that packets are handled on.</summary>
    public const string MediaThread = "media-bridge-0";

    private readonly ServerProcess _process;

    private AllInOneProcess(ServerProcess process, int httpsPort, int httpPort, int innerPort)
    {
        _process = process;
        HttpsPort = httpsPort;
        HttpPort = httpPort;
        InnerPort = innerPort;
    }

    public int Id => _process.Id;

    public int HttpsPort { get; }

    public int HttpPort { get; }

    /// <summary>Of health, metrics and debug pages.</summary>
    public int InnerPort { get; }

    public string Log => _process.Log;

    /// <summary>CONFIG.</summary>
    public string Folder => _process.Folder;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"https://localhost:{HttpsPort}");

    /// <summary>Without TLS.</summary>
    public Uri WebSocket => new(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{HttpPort}/xmpp-websocket"));

    /// <summary>The time from the start of the process to the line that reports readiness.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <param name="settings">Over those of a mesh on loopback.</param>
    /// <param name="nextPort">The source of free ports; the system when null.</param>
    /// <param name="mediaAddress">The only address for media; when null all addresses of the machine, with loopback advertised.</param>
    /// <param name="program">Another build's all-in-one; this tree's when null.</param>
    /// <exception cref="InvalidOperationException">The process ended before it was ready; the message contains its output.</exception>
    public static async Task<AllInOneProcess> StartAsync(IReadOnlyDictionary<string, string>? settings = null, Func<int>? nextPort = null, IPAddress? mediaAddress = null, string? program = null)
    {
        nextPort ??= FreePorts.Next;
        var (https, http, media, inner) = (nextPort(), nextPort(), nextPort(), nextPort());
        var folder = ServerProcess.NewFolder();
        var environment = new Dictionary<string, string>
        {
            ["CONFIG"] = folder,
            ["HTTPS_PORT"] = Text(https),
            ["HTTP_PORT"] = Text(http),
            ["MESH_HTTP_PORT"] = Text(inner),
            ["JVB_PORT"] = mediaAddress is null ? Text(media) : $"{mediaAddress}:{Text(media)}",
            ["PUBLIC_URL"] = "https://localhost:" + Text(https),
        };
        if (mediaAddress is null) environment["JVB_ADVERTISE_IPS"] = "127.0.0.1";
        foreach (var (key, value) in settings ?? new Dictionary<string, string>()) environment[key] = value;
        var process = ServerProcess.Start("dotnet", [program ?? Tree.Built("JitsiMesh.AllInOne")], folder, environment, "Ready: ");
        var server = new AllInOneProcess(process, https, http, inner);
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

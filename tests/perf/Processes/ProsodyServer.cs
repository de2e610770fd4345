using System.Globalization;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Perf.Processes;

/// <summary>Debian's Prosody as a server for meetings: anonymous logins, WebSocket, stream management, rooms. Without TLS, like JitsiMesh in this benchmark.</summary>
internal sealed class ProsodyServer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private ProsodyServer(ServerProcess process, Uri webSocket)
    {
        _process = process;
        WebSocket = webSocket;
    }

    public int Id => _process.Id;

    public Uri WebSocket { get; }

    public static bool IsInstalled => Tree.Has("prosody");

    public static async Task<ProsodyServer> StartAsync(PortRange ports)
    {
        var port = ports.Next();
        var folder = ServerProcess.NewFolder();
        var configuration = Path.Combine(folder, "prosody.cfg.lua");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            run_as_root = true
            daemonize = false
            pidfile = "{{folder}}/prosody.pid"
            data_path = "{{folder}}"
            log = { warn = "*console" }
            interfaces = { "127.0.0.1" }
            c2s_ports = {}
            s2s_ports = {}
            http_interfaces = { "127.0.0.1" }
            http_ports = { {{port}} }
            https_ports = {}
            http_default_host = "meet.jitsi"
            consider_websocket_secure = true
            c2s_require_encryption = false
            modules_enabled = { "disco", "saslauth", "websocket", "smacks", "ping" }
            smacks_max_unacked_stanzas = 5
            modules_disabled = { "s2s", "offline" }
            VirtualHost "meet.jitsi"
              authentication = "anonymous"
            Component "muc.meet.jitsi" "muc"
              muc_room_locking = false
              muc_room_default_public_jids = true
              restrict_room_creation = false
            """));
        var process = ServerProcess.Start("prosody", ["--config", configuration, "-F"], folder);
        try
        {
            using var http = new HttpClient();
            var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"));
            await process.AnswersAsync(async () => (await http.GetAsync(address)).Dispose(), TimeSpan.FromSeconds(20));
            return new ProsodyServer(process, new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{port}/xmpp-websocket")));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

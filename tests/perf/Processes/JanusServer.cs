using System.Globalization;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Perf.Processes;

/// <summary>Debian's Janus with the VideoRoom, its REST interface on loopback.</summary>
internal sealed class JanusServer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private JanusServer(ServerProcess process, Uri api)
    {
        _process = process;
        Api = api;
    }

    public int Id => _process.Id;

    public Uri Api { get; }

    public static bool IsInstalled => Tree.Has("janus");

    public static async Task<JanusServer> StartAsync(PortRange ports)
    {
        var port = ports.Next();
        var folder = ServerProcess.NewFolder();
        var plugins = Path.Combine(LibraryFolder(), "plugins");
        var others = string.Join(',', Directory.EnumerateFiles(plugins, "*.so").Select(f => Path.GetFileName(f)!).Where(f => f != "libjanus_videoroom.so"));
        var transports = string.Join(',', Directory.EnumerateFiles(Path.Combine(LibraryFolder(), "transports"), "*.so").Select(f => Path.GetFileName(f)!).Where(f => f != "libjanus_http.so"));
        await File.WriteAllTextAsync(Path.Combine(folder, "janus.jcfg"), $$"""
            general: {
              configs_folder = "{{folder}}"
              plugins_folder = "{{plugins}}"
              transports_folder = "{{LibraryFolder()}}/transports"
              events_folder = "{{LibraryFolder()}}/events"
              loggers_folder = "{{LibraryFolder()}}/loggers"
              debug_level = 3
            }
            media: { ipv6 = false }
            nat: { ice_enforce_list = "{{HostAddress.Value}}" }
            plugins: { disable = "{{others}}" }
            transports: { disable = "{{transports}}" }
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "janus.transport.http.jcfg"), string.Create(CultureInfo.InvariantCulture, $$"""
            general: { json = "compact", base_path = "/janus", http = true, port = {{port}}, ip = "127.0.0.1", https = false }
            admin: { admin_http = false, admin_https = false }
            """));
        await File.WriteAllTextAsync(Path.Combine(folder, "janus.plugin.videoroom.jcfg"), "general: { }\n");
        var process = ServerProcess.Start("janus", ["-F", folder, "-C", Path.Combine(folder, "janus.jcfg")], folder);
        var api = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/janus"));
        try
        {
            using var http = new HttpClient();
            await process.AnswersAsync(() => http.GetStringAsync(new Uri(api + "/info")), TimeSpan.FromSeconds(20));
            return new JanusServer(process, api);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string LibraryFolder() => Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu").Select(f => Path.Combine(f, "janus")).First(Directory.Exists);
}

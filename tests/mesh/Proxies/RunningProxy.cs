using System.Globalization;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Hosting.Certificates;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Mesh.Tests.Proxies;

/// <summary>
/// A proxy of others in front of a mesh, configured by the file in <c>deploy/proxies</c> that the documentation shows: the name, the addresses and the files of the
/// certificate are changed as an operator changes them, and what the file leaves to the machine's main configuration is put around it.
/// </summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private const string Certificate = "fullchain.pem";
    private const string Key = "privkey.pem";

    private static readonly Dictionary<string, string> Programs = new(StringComparer.Ordinal)
    {
        ["nginx.conf"] = "/usr/sbin/nginx",
        ["nginx-subpath.conf"] = "/usr/sbin/nginx",
        ["apache.conf"] = "/usr/sbin/apache2",
        ["Caddyfile"] = "/usr/bin/caddy",
        ["haproxy.cfg"] = "/usr/sbin/haproxy",
    };

    private readonly ServerProcess _process;

    private RunningProxy(ServerProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public string Log => _process.Log;

    public static string? Missing(string file) => Tree.Has(Programs[file]) ? null : $"SKIPPED (missing {Programs[file]})";

    /// <param name="file">Of deploy/proxies.</param>
    /// <param name="port">Where it listens, on 127.0.0.1.</param>
    /// <param name="edge">The edge's port for plain HTTP.</param>
    public static async Task<RunningProxy> StartAsync(string file, int port, int edge)
    {
        var folder = ServerProcess.NewFolder();
        var (certificate, key) = CertificateFiles.CreateSelfSigned(["localhost"], DateTimeOffset.UtcNow);
        await File.WriteAllTextAsync(Path.Combine(folder, Certificate), certificate);
        await File.WriteAllTextAsync(Path.Combine(folder, Key), key);
        await File.WriteAllTextAsync(Path.Combine(folder, "both.pem"), certificate + "\n" + key);
        var text = (await File.ReadAllTextAsync(Tree.Path("deploy", "proxies", file)))
            .Replace("127.0.0.1:8000", Text($"127.0.0.1:{edge}"), StringComparison.Ordinal)
            .Replace("/etc/ssl/meet.example.com.pem", Path.Combine(folder, "both.pem"), StringComparison.Ordinal)
            .Replace("/etc/ssl/meet.example.com", folder, StringComparison.Ordinal);
        var (whole, arguments) = Around(file, text, folder, port);
        var path = Path.Combine(folder, file == "Caddyfile" ? "Caddyfile" : "proxy.conf");
        await File.WriteAllTextAsync(path, whole);
        var environment = new Dictionary<string, string> { ["HOME"] = folder, ["XDG_DATA_HOME"] = folder, ["XDG_CONFIG_HOME"] = folder };
        var running = new RunningProxy(ServerProcess.Start(Programs[file], [.. arguments.Select(a => a.Replace("FILE", path, StringComparison.Ordinal))], folder, environment), port);
        try
        {
            await running._process.AnswersAsync(() => ConnectAsync(port), TimeSpan.FromSeconds(60));
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static (string Text, string[] Arguments) Around(string file, string text, string folder, int port)
    {
        switch (file)
        {
            case "nginx.conf":
                text = text.Replace("listen 443", Text($"listen 127.0.0.1:{port}"), StringComparison.Ordinal).Replace("meet.example.com", "localhost", StringComparison.Ordinal);
                return (Nginx(folder, text), ["-p", folder, "-e", "stderr", "-c", "FILE", "-g", "daemon off;"]);
            case "nginx-subpath.conf":
                var server = $"map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}\nserver {{\nlisten 127.0.0.1:{Text($"{port}")} ssl;\nserver_name localhost;\n"
                    + $"ssl_certificate {folder}/{Certificate};\nssl_certificate_key {folder}/{Key};\nlocation = / {{ return 200 'other things'; }}\n{text}\n}}\n";
                return (Nginx(folder, server), ["-p", folder, "-e", "stderr", "-c", "FILE", "-g", "daemon off;"]);
            case "apache.conf":
                string[] modules = ["mpm_event", "authz_core", "headers", "ssl", "proxy", "proxy_http", "socache_shmcb"];
                var main = string.Concat(modules.Select(m => $"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so\n"))
                    + Text($"ServerRoot {folder}\nServerName localhost\nPidFile {folder}/pid\nErrorLog /dev/stderr\nDefaultRuntimeDir {folder}\nUser www-data\nGroup www-data\nListen 127.0.0.1:{port}\n");
                return (main + text.Replace("*:443", Text($"*:{port}"), StringComparison.Ordinal).Replace("meet.example.com", "localhost", StringComparison.Ordinal), ["-f", "FILE", "-DFOREGROUND"]);
            case "Caddyfile":
                var site = Text($"https://localhost:{port} {{\n\tbind 127.0.0.1\n\ttls {folder}/{Certificate} {folder}/{Key}");
                return ("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text.Replace("\nmeet.example.com {", "\n" + site, StringComparison.Ordinal), ["run", "--config", "FILE", "--adapter", "caddyfile"]);
            default:
                return ("global\n    log stderr format raw local0 warning\n" + text.Replace("bind :443", Text($"bind 127.0.0.1:{port}"), StringComparison.Ordinal), ["-f", "FILE", "-db"]);
        }
    }

    private static string Nginx(string folder, string sites) =>
        $"pid {folder}/pid;\nerror_log stderr warn;\nworker_processes 1;\nuser root;\nevents {{ worker_connections 256; }}\nhttp {{\naccess_log off;\n"
        + string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(t => $"{t}_temp_path {folder}/{t};\n")) + sites + "}\n";

    private static async Task ConnectAsync(int port)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

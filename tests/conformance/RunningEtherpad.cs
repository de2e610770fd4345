using System.Globalization;
using System.Text.Json;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>Etherpad as npm has it, in the folders that it wants to be in; where it cannot be installed, a server that says what it was asked for.</summary>
internal sealed class RunningEtherpad : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // What its pages take from the folder beside its source.
    private static readonly string[] Libraries = ["async", "js-cookie", "security", "tinycon", "underscore", "unorm"];

    private readonly ServerProcess _process;

    private RunningEtherpad(ServerProcess process, int port, bool isStandIn)
    {
        _process = process;
        Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        IsStandIn = isStandIn;
    }

    public string Address { get; }

    public bool IsStandIn { get; }

    private static string Packages => Tree.Path("tests", "conformance", "etherpad");

    private static string Installed => Path.Combine(Packages, "node_modules", "ep_etherpad-lite");

    public static async Task<RunningEtherpad> StartAsync()
    {
        if (!Directory.Exists(Installed)) await Programs.RunAsync("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"], Packages, TimeSpan.FromMinutes(8));
        var isStandIn = !File.Exists(Path.Combine(Installed, "node", "server.js"));
        var port = FreePorts.Next();
        var folder = ServerProcess.NewFolder();
        ServerProcess process;
        if (isStandIn)
        {
            process = ServerProcess.Start("node", [Path.Combine(Packages, "stand-in.mjs"), port.ToString(CultureInfo.InvariantCulture)], folder);
        }
        else
        {
            var source = Arrange(folder);
            var settings = Path.Combine(folder, "settings.json");
            await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new
            {
                title = "Etherpad",
                ip = "127.0.0.1",
                port,
                dbType = "dirty",
                dbSettings = new { filename = Path.Combine(folder, "dirty.db") },
                skinName = "colibris",
                trustProxy = true,
                minify = false,
                loglevel = "WARN",
                defaultPadText = "",
            }));
            process = ServerProcess.Start("node", [Path.Combine(source, "node", "server.js"), "--settings", settings], folder, new Dictionary<string, string> { ["NODE_ENV"] = "production" });
        }

        var etherpad = new RunningEtherpad(process, port, isStandIn);
        try
        {
            using var http = new HttpClient();
            await process.AnswersAsync(async () => (await http.GetAsync(new Uri(etherpad.Address + "/p/ready"))).EnsureSuccessStatusCode(), Patience);
            return etherpad;
        }
        catch
        {
            await etherpad.DisposeAsync();
            throw;
        }
    }

    // It looks for itself in a folder src, and is a plugin of its own beside it.
    private static string Arrange(string folder)
    {
        var source = Path.Combine(folder, "src");
        var packages = Directory.CreateDirectory(Path.Combine(folder, "node_modules")).FullName;
        foreach (var file in Directory.EnumerateFiles(Installed, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(source, Path.GetRelativePath(Installed, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        foreach (var package in Directory.EnumerateDirectories(Path.Combine(Packages, "node_modules")).Where(p => p != Installed)) Directory.CreateSymbolicLink(Path.Combine(packages, Path.GetFileName(package)), package);
        Directory.CreateSymbolicLink(Path.Combine(packages, "ep_etherpad-lite"), source);
        Directory.CreateDirectory(Path.Combine(source, "node_modules"));
        foreach (var library in Libraries) Directory.CreateSymbolicLink(Path.Combine(source, "node_modules", library), Path.Combine(Packages, "node_modules", library));
        return source;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

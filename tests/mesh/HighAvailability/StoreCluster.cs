using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Mesh.Tests.HighAvailability;

/// <summary>A Redis master with two replicas and three Sentinels on loopback, set up as docs/high-availability.md says. Each is a process that can be killed.</summary>
public sealed class StoreCluster : IAsyncDisposable
{
    private const int Count = 3;
    private const string Service = "mesh";

    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-stores-").FullName;
    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly List<int> _servers = [];
    private readonly List<int> _sentinels = [];
    private readonly Dictionary<int, Process> _processes = [];

    private StoreCluster()
    {
    }

    /// <summary>As MESH_REDIS takes it.</summary>
    public string Address => $"{string.Join(',', _sentinels.Select(port => FormattableString.Invariant($"127.0.0.1:{port}")))},serviceName={Service},password={_password}";

    public static async Task<StoreCluster> StartAsync()
    {
        var cluster = new StoreCluster();
        try
        {
            for (var i = 0; i < Count; i++)
            {
                cluster._servers.Add(FreePorts.Next());
                cluster._sentinels.Add(FreePorts.Next());
            }

            var master = cluster._servers[0];
            foreach (var port in cluster._servers)
            {
                cluster.Start(port, ["appendonly yes", "save \"\"", "min-replicas-to-write 1", "min-replicas-max-lag 5", "repl-diskless-sync-delay 0",
                    $"masterauth {cluster._password}", .. port == master ? Array.Empty<string>() : [$"replicaof 127.0.0.1 {Text(master)}"]]);
            }

            await UntilAsync("both replicas follow", async () => (await cluster.AskAsync(master, "info", "replication")).Contains("connected_slaves:2", StringComparison.Ordinal));
            foreach (var port in cluster._sentinels)
            {
                cluster.Start(port, [$"sentinel monitor {Service} 127.0.0.1 {Text(master)} 2", $"sentinel auth-pass {Service} {cluster._password}",
                    $"sentinel down-after-milliseconds {Service} 2000", $"sentinel failover-timeout {Service} 10000"], "--sentinel");
            }

            foreach (var port in cluster._sentinels)
            {
                await UntilAsync("the Sentinels know each other and the replicas", async () =>
                    (await cluster.AskAsync(port, "sentinel", "ckquorum", Service)).StartsWith("OK 3 ", StringComparison.Ordinal)
                    && (await cluster.AskAsync(port, "sentinel", "replicas", Service)).Split("master-link-status\nok", StringSplitOptions.None).Length == Count);
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The port of the one that the Sentinels call the master.</summary>
    public async Task<int> MasterAsync() => int.Parse((await AskAsync(_sentinels[0], "sentinel", "get-master-addr-by-name", Service)).Split('\n')[1], CultureInfo.InvariantCulture);

    /// <summary>Kills one at once, as <c>kill -9</c> does. It stays away.</summary>
    public void Kill(int port) => _processes[port].Kill();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private void Start(int port, string[] lines, params string[] arguments)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, Text(port))).FullName;
        var file = Path.Combine(folder, "redis.conf");
        File.WriteAllLines(file, ["bind 127.0.0.1", $"port {Text(port)}", $"dir \"{folder}\"", $"requirepass {_password}", .. lines]);
        var process = Process.Start(new ProcessStartInfo("/usr/bin/redis-server", [file, .. arguments]) { RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        _processes[port] = process;
    }

    private async Task<string> AskAsync(int port, params string[] words)
    {
        var start = new ProcessStartInfo("redis-cli", ["-p", Text(port), .. words]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["REDISCLI_AUTH"] = _password;
        using var client = Process.Start(start)!;
        var said = client.StandardError.ReadToEndAsync();
        var text = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        await said;
        return text;
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        for (var end = Environment.TickCount64 + 60_000; !await condition(); await Task.Delay(100)) Assert.True(Environment.TickCount64 < end, $"Not within 60 s: {what}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

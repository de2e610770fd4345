using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Mesh.Tests.HighAvailability;

/// <summary>A queue as the broker lists it.</summary>
public sealed record BrokerQueue(string Name, string Type, bool IsExclusive, string Leader, int Members);

/// <summary>Three RabbitMQ nodes of one cluster on loopback, each a process that can be killed.</summary>
public sealed class BrokerCluster : IAsyncDisposable
{
    private const int Count = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-brokers-").FullName;
    private readonly int _portMapper = FreePorts.Next();
    private readonly List<Node> _nodes = [];
    private readonly string _password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    private BrokerCluster()
    {
    }

    /// <summary>As MESH_BUS takes it.</summary>
    public string Address => $"amqp://mesh:{_password}@{string.Join(',', _nodes.Select(node => FormattableString.Invariant($"127.0.0.1:{node.Port}")))}";

    // The wrapper in PATH changes to another user, who cannot write to the folder: the scripts below it do not.
    private static string Scripts { get; } = Directory.EnumerateDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").Select(d => Path.Combine(d, "sbin")).First(Directory.Exists);

    public static async Task<BrokerCluster> StartAsync()
    {
        var cluster = new BrokerCluster();
        try
        {
            await File.WriteAllTextAsync(Path.Combine(cluster._folder, "plugins"), "[].");
            for (var i = 0; i < Count; i++) cluster._nodes.Add(new Node($"mesh{i + 1}@localhost", FreePorts.Next(), FreePorts.Next(), Path.Combine(cluster._folder, FormattableString.Invariant($"node{i + 1}"))));

            // The others join the first: three that began at once would have to agree who that is.
            await cluster.StartAsync(cluster._nodes[0]);
            await Task.WhenAll(cluster._nodes.Skip(1).Select(cluster.StartAsync));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills a node at once, as <c>kill -9</c> does. It stays away.</summary>
    /// <param name="name">As in <see cref="BrokerQueue.Leader"/>.</param>
    public void Kill(string name)
    {
        var node = _nodes.Single(node => node.Name == name);
        using var process = Process.GetProcessById(int.Parse(File.ReadAllText(node.PidFile), CultureInfo.InvariantCulture));
        process.Kill();
        node.IsKilled = true;
    }

    public async Task<IReadOnlyList<BrokerQueue>> QueuesAsync()
    {
        using var queues = JsonDocument.Parse(await ControlAsync(_nodes.First(node => !node.IsKilled), "list_queues", "name", "type", "exclusive", "leader", "members", "--formatter", "json"));
        return [.. queues.RootElement.EnumerateArray().Select(queue => new BrokerQueue(
            queue.GetProperty("name").GetString()!, queue.GetProperty("type").GetString()!, queue.GetProperty("exclusive").ValueKind == JsonValueKind.True,
            queue.GetProperty("leader").GetString() ?? "", queue.GetProperty("members") is { ValueKind: JsonValueKind.Array } members ? members.GetArrayLength() : 1))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            if (node.Process is not { } process) continue;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        using var mapper = Process.Start(new ProcessStartInfo("epmd", ["-port", Text(_portMapper), "-kill"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await mapper.WaitForExitAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(Node node)
    {
        Directory.CreateDirectory(node.Folder);
        await File.WriteAllLinesAsync(node.ConfigurationFile,
        [
            $"listeners.tcp.default = 127.0.0.1:{Text(node.Port)}",
            "default_user = mesh",
            $"default_pass = {_password}",
            "loopback_users.mesh = true",
            "max_message_size = 33554432",
            "cluster_partition_handling = pause_minority",
            "cluster_formation.peer_discovery_backend = classic_config",
            .. _nodes.Select((other, i) => $"cluster_formation.classic_config.nodes.{Text(i + 1)} = {other.Name}"),
        ]);
        node.Process = Process.Start(Script(node, "rabbitmq-server", []))!;
        Drain(node.Process);
        var end = Environment.TickCount64 + 60_000;
        while (!File.Exists(node.PidFile) && !node.Process.HasExited && Environment.TickCount64 < end) await Task.Delay(100);
        await ControlAsync(node, "await_startup");
    }

    private async Task<string> ControlAsync(Node node, params string[] arguments)
    {
        using var control = Process.Start(Script(node, "rabbitmqctl", ["-q", .. arguments]))!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var said = control.StandardError.ReadToEndAsync(limit.Token);
        var text = await control.StandardOutput.ReadToEndAsync(limit.Token);
        await control.WaitForExitAsync(limit.Token);
        Assert.True(control.ExitCode == 0, $"rabbitmqctl {string.Join(' ', arguments)} at {node.Name} ended with {control.ExitCode}: {text}{await said}");
        return text;
    }

    private ProcessStartInfo Script(Node node, string script, string[] arguments)
    {
        const string LoopbackOnly = "-kernel inet_dist_use_interface {127,0,0,1}";
        var start = new ProcessStartInfo(Path.Combine(Scripts, script), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            // With Erlang's cookie, which all of them need to be the same.
            ["HOME"] = _folder,
            ["RABBITMQ_NODENAME"] = node.Name,
            ["RABBITMQ_DIST_PORT"] = Text(node.Distribution),
            ["RABBITMQ_CONFIG_FILE"] = node.ConfigurationFile,
            ["RABBITMQ_MNESIA_BASE"] = node.Folder,
            ["RABBITMQ_LOG_BASE"] = node.Folder,
            ["RABBITMQ_PID_FILE"] = node.PidFile,
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins"),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = Text(_portMapper),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = LoopbackOnly,
            ["RABBITMQ_CTL_ERL_ARGS"] = LoopbackOnly,
        })
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static void Drain(Process process)
    {
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class Node(string name, int port, int distribution, string folder)
    {
        public string Name => name;

        public int Port => port;

        public int Distribution => distribution;

        public string Folder => folder;

        public string PidFile => Path.Combine(folder, "pid");

        public string ConfigurationFile => Path.Combine(folder, "mesh.conf");

        public Process? Process { get; set; }

        public bool IsKilled { get; set; }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace JitsiMesh.Kit.Processes;

/// <summary>
/// <c>./mesh up --cluster</c> as a user starts it: RabbitMQ, Redis and every built service as processes on loopback, on their own ports, with their data in a temporary folder.
/// Each process can be killed; the script restarts it.
/// </summary>
public sealed class ClusterProcess : IAsyncDisposable
{
    /// <summary>Inner ports, broker and store, two media ports, the page.</summary>
    private const int PortsNeeded = 64;

    private readonly Process _process;
    private readonly StringBuilder _output;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly int _base;

    private ClusterProcess(Process process, StringBuilder output, string folder, int basePort)
    {
        _process = process;
        _output = output;
        _base = basePort;
        Folder = folder;
    }

    /// <summary>Where data and logs are.</summary>
    public string Folder { get; }

    public int HttpsPort => HttpsOf(_base);

    public string Url => string.Create(CultureInfo.InvariantCulture, $"https://localhost:{HttpsPort}");

    /// <summary>The media port of the first bridge; the next one's is one higher.</summary>
    public int MediaPort => MediaOf(_base);

    /// <summary>The output of the script.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Where the broker listens; its distribution and its port mapper are on the two ports above, the store on the third.</summary>
    public int BrokerPort => _base;

    /// <summary>Everything that runs, <c>signalling-1</c>, <c>rabbitmq</c> and so on, with its process id at this moment.</summary>
    public IReadOnlyDictionary<string, int> Processes => Pairs("processes");

    /// <summary>The services with the ports of their inner pages.</summary>
    public IReadOnlyDictionary<string, int> InnerPorts => Pairs("addresses");

    /// <summary>Starts it and waits until every service is healthy.</summary>
    /// <param name="scale">As after <c>--scale</c>; empty for one of each.</param>
    /// <param name="settings">Over those of a mesh on loopback.</param>
    /// <param name="byEnvFile">The settings are in a file, like an operator's, instead of the environment.</param>
    /// <exception cref="InvalidOperationException">The script ended, or was not ready in time; the message contains its output.</exception>
    public static async Task<ClusterProcess> StartAsync(string scale = "", IReadOnlyDictionary<string, string>? settings = null, bool byEnvFile = false)
    {
        var folder = Directory.CreateTempSubdirectory("jitsimesh-cluster-").FullName;
        var ports = FreePorts.Block(PortsNeeded);
        List<string> arguments = ["up", "--cluster", "--no-build"];
        if (scale.Length > 0) arguments.AddRange(["--scale", scale]);
        var start = new ProcessStartInfo(Tree.Path("mesh"), arguments) { WorkingDirectory = Tree.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        var environment = new Dictionary<string, string>
        {
            ["MESH_CLUSTER_DIR"] = folder,
            ["MESH_CLUSTER_BASE_PORT"] = Text(ports),
            ["HTTPS_PORT"] = Text(HttpsOf(ports)),
            ["HTTP_PORT"] = Text(HttpsOf(ports) + 1),
            ["JVB_PORT"] = Text(MediaOf(ports)),
            ["PUBLIC_URL"] = "https://localhost:" + Text(HttpsOf(ports)),
            ["JVB_ADVERTISE_IPS"] = "127.0.0.1",
            ["JVB_DISABLE_STUN"] = "1",
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string>()) environment[key] = value;
        if (byEnvFile)
        {
            var file = Path.Combine(folder, "settings.env");
            await File.WriteAllLinesAsync(file, environment.Where(pair => !pair.Key.StartsWith("MESH_CLUSTER_", StringComparison.Ordinal)).Select(pair => $"{pair.Key}='{pair.Value}'"));
            foreach (var key in environment.Keys.Where(key => !key.StartsWith("MESH_CLUSTER_", StringComparison.Ordinal))) start.Environment.Remove(key);
            environment = environment.Where(pair => pair.Key.StartsWith("MESH_CLUSTER_", StringComparison.Ordinal)).ToDictionary();
            environment["MESH_ENV_FILE"] = file;
        }

        foreach (var (key, value) in environment) start.Environment[key] = value;
        var output = new StringBuilder();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The cluster ended before it was ready."));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var cluster = new ClusterProcess(process, output, folder, ports);
        try
        {
            await ready.Task.WaitAsync(TimeSpan.FromMinutes(4));
            return cluster;
        }
        catch (Exception e)
        {
            if (process.HasExited) await process.WaitForExitAsync(); // Also waits until all output is read.
            var said = cluster.Output;
            await cluster.DisposeAsync();
            throw new InvalidOperationException(e.Message + "\n" + said, e);
        }

        void Take(string? line)
        {
            if (line is null) return;
            lock (output) output.AppendLine(line);
            if (line.StartsWith("Ready: ", StringComparison.Ordinal)) ready.TrySetResult();
        }
    }

    /// <summary>The process that does the work: the broker's own is below its start script, which ends with it.</summary>
    public int ProcessOf(string name) => name == "rabbitmq" ? int.Parse(File.ReadAllText(Path.Combine(Folder, "rabbitmq", "pid")), CultureInfo.InvariantCulture) : Processes[name];

    /// <summary>Kills one process at once, as <c>kill -9</c> does.</summary>
    public void Kill(string name)
    {
        using var process = Process.GetProcessById(ProcessOf(name));
        process.Kill();
    }

    /// <summary>Reads an inner page of one service.</summary>
    public Task<string> InnerAsync(string service, string path) => _http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{InnerPorts[service]}{path}")));

    /// <summary>Lines of every service's log.</summary>
    public IReadOnlyList<(string Service, string Line)> Log() =>
        [.. Directory.EnumerateFiles(Path.Combine(Folder, "log")).Where(file => InnerPorts.ContainsKey(Path.GetFileNameWithoutExtension(file)))
            .SelectMany(file => ReadShared(file).Split('\n').Where(line => line.Length > 0).Select(line => (Path.GetFileNameWithoutExtension(file), line)))];

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", Text(_process.Id)])!;
            await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
        _http.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static int HttpsOf(int ports) => ports + PortsNeeded - 2;

    private static int MediaOf(int ports) => ports + PortsNeeded - 4;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string ReadShared(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private Dictionary<string, int> Pairs(string file) =>
        ReadShared(Path.Combine(Folder, file)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture));
}

using System.Diagnostics;
using System.Globalization;

namespace JitsiMesh.Hosting.Tests.Programs;

/// <summary>A RabbitMQ of the test's own on loopback, which can be ended and started again with its data.</summary>
public sealed class RunningRabbitMq : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-rabbitmq-").FullName;
    private readonly int _distribution = Ports.Free();
    private readonly int _portMapper = Ports.Free();
    private Process? _process;

    public static string? Missing => Scripts is null ? "SKIPPED (missing rabbitmq-server)" : null;

    public int Port { get; } = Ports.Free();

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{Port}"));

    // The wrapper in PATH switches to another user, which cannot write to the folder; the underlying scripts do not.
    private static string? Scripts { get; } = Directory.Exists("/usr/lib/rabbitmq/lib")
        ? Directory.EnumerateDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").Select(d => Path.Combine(d, "sbin")).FirstOrDefault(Directory.Exists)
        : null;

    public async Task InitializeAsync()
    {
        if (Missing is not null) return;
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugins"), "[].");
        await StartAsync();
    }

    public async Task StartAsync()
    {
        File.Delete(Path.Combine(_folder, "pid"));
        _process = Start("rabbitmq-server", []);
        var end = Environment.TickCount64 + 120_000;
        while (!File.Exists(Path.Combine(_folder, "pid")) && Environment.TickCount64 < end) await Task.Delay(200);
        await ControlAsync("await_startup");
    }

    /// <summary>Kills it like a crash: confirmed messages are on disk.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task DisposeAsync()
    {
        if (Missing is null)
        {
            await KillAsync();
            using var mapper = Process.Start(new ProcessStartInfo("epmd", ["-port", _portMapper.ToString(CultureInfo.InvariantCulture), "-kill"]) { RedirectStandardOutput = true, RedirectStandardError = true });
            if (mapper is not null) await mapper.WaitForExitAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    public async Task<IReadOnlyList<string>> QueuesAsync()
    {
        var start = Script("rabbitmqctl", ["-q", "list_queues", "name", "--no-table-headers"]);
        using var control = Process.Start(start)!;
        var text = await control.StandardOutput.ReadToEndAsync();
        await control.WaitForExitAsync();
        Assert.Equal(0, control.ExitCode);
        return text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task ControlAsync(params string[] arguments)
    {
        using var control = Start("rabbitmqctl", ["-q", .. arguments]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await control.WaitForExitAsync(limit.Token);
        Assert.True(control.ExitCode == 0, $"rabbitmqctl {string.Join(' ', arguments)} ended with {control.ExitCode}; see {_folder}");
    }

    private Process Start(string script, string[] arguments)
    {
        var process = Process.Start(Script(script, arguments))!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private ProcessStartInfo Script(string script, string[] arguments)
    {
        string N(int number) => number.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(Path.Combine(Scripts!, script), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["RABBITMQ_NODENAME"] = $"test{Port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = N(Port),
            ["RABBITMQ_DIST_PORT"] = N(_distribution),
            ["RABBITMQ_MNESIA_BASE"] = _folder,
            ["RABBITMQ_LOG_BASE"] = _folder,
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins"),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = N(_portMapper),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        })
        {
            start.Environment[name] = value;
        }

        return start;
    }
}

/// <summary>A theory that needs a RabbitMQ, skipped aloud without.</summary>
public sealed class RabbitMqTheoryAttribute : TheoryAttribute
{
    public RabbitMqTheoryAttribute() => Skip = RunningRabbitMq.Missing;
}

/// <inheritdoc cref="RabbitMqTheoryAttribute"/>
public sealed class RabbitMqFactAttribute : FactAttribute
{
    public RabbitMqFactAttribute() => Skip = RunningRabbitMq.Missing;
}

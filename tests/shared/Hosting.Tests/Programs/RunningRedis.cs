using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace JitsiMesh.Hosting.Tests.Programs;

/// <summary>A Redis of the test's own on loopback, which can be ended and started again with its data.</summary>
public sealed class RunningRedis : IAsyncLifetime
{
    private const string Program = "/usr/bin/redis-server";
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-redis-").FullName;
    private Process? _process;

    public static string? Missing => File.Exists(Program) ? null : "SKIPPED (missing redis-server)";

    public int Port { get; } = Ports.Free();

    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public async Task InitializeAsync()
    {
        if (Missing is null) await StartAsync();
    }

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Program,
            ["--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir", _folder])
        { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        var end = Environment.TickCount64 + 60_000;
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", Port);
                return;
            }
            catch (SocketException) when (Environment.TickCount64 < end)
            {
                await Task.Delay(50);
            }
        }
    }

    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A theory that needs a Redis, skipped aloud without.</summary>
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RunningRedis.Missing;
}

/// <inheritdoc cref="RedisTheoryAttribute"/>
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RunningRedis.Missing;
}

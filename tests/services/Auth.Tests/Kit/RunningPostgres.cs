using System.Diagnostics;
using System.Globalization;
using JitsiMesh.Kit.Processes;
using Npgsql;

namespace JitsiMesh.Auth.Tests.Kit;

/// <summary>A PostgreSQL of the test's own on loopback, which can be ended and started again with its data.</summary>
public sealed class RunningPostgres : IAsyncLifetime
{
    private const string Password = "p@ss/word of the test";
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-postgres-").FullName;
    private readonly int _port = FreePorts.Next();
    private Process? _process;
    private int _databases;

    public static string? Missing => Programs is null ? "SKIPPED (missing postgresql)" : null;

    private static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    public async Task InitializeAsync()
    {
        if (Missing is not null) return;
        await File.WriteAllTextAsync(Path.Combine(_folder, "password"), Password);

        // It refuses to run as root.
        if (Environment.IsPrivilegedProcess) await RunAsync(new ProcessStartInfo("chown", ["-R", "postgres", _folder]));
        await RunAsync(As("initdb", ["-D", Data, "-U", "mesh", "--auth=scram-sha-256", $"--pwfile={Path.Combine(_folder, "password")}", "-N", "--no-instructions"]));
        await StartAsync();
    }

    public async Task StartAsync()
    {
        _process = Start(As("postgres", ["-D", Data, "-p", _port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_folder}", "-c", "fsync=off"]));
        var end = Environment.TickCount64 + 60_000;
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(Connection("postgres"));
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (Environment.TickCount64 < end)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Ends it at once.</summary>
    public async Task StopAsync()
    {
        if (_process is null) return;
        await RunAsync(As("pg_ctl", ["-D", Data, "-m", "immediate", "stop"]));
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        NpgsqlConnection.ClearAllPools();
    }

    /// <summary>A new, empty database.</summary>
    /// <returns>As MESH_ACCOUNTS_DATABASE takes it.</returns>
    public async Task<string> NewDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"mesh{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(Connection("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return Url(name);
    }

    public string Url(string database, string password = Password) => string.Create(CultureInfo.InvariantCulture, $"postgres://mesh:{Uri.EscapeDataString(password)}@127.0.0.1:{_port}/{database}");

    public async Task DisposeAsync()
    {
        if (Missing is null) await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private string Connection(string database) => new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = _port, Username = "mesh", Password = Password, Database = database, Pooling = false }.ToString();

    private ProcessStartInfo As(string program, string[] arguments)
    {
        var path = Path.Combine(Programs!, program);
        return Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments]) { WorkingDirectory = _folder }
            : new ProcessStartInfo(path, arguments) { WorkingDirectory = _folder };
    }

    private static Process Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {await output}{error}");
    }
}

/// <summary>A fact that needs PostgreSQL, skipped aloud without.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = RunningPostgres.Missing;
}

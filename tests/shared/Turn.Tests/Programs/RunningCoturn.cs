using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Turn.Tests.Programs;

/// <summary>A coturn on a port of loopback, with the configuration that docs/operations.md gives operators, who name other addresses.</summary>
internal sealed class RunningCoturn : IAsyncDisposable
{
    public const string Program = "/usr/bin/turnserver";
    private readonly Process _process;
    private readonly string _folder;

    private RunningCoturn(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    public static async Task<RunningCoturn> StartAsync(string secret)
    {
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)free.LocalEndPoint!).Port;
        free.Close();
        var folder = Directory.CreateTempSubdirectory("jitsimesh-coturn-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "turnserver.conf"), string.Create(CultureInfo.InvariantCulture, $"""
            listening-ip=127.0.0.1
            relay-ip=127.0.0.1
            listening-port={port}
            realm=turn.example
            use-auth-secret
            static-auth-secret={secret}
            no-cli
            no-tls
            no-dtls
            no-multicast-peers
            log-file=stdout
            pidfile={folder}/pid
            userdb={folder}/db
            """));
        var start = new ProcessStartInfo(Program, ["-c", Path.Combine(folder, "turnserver.conf")]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new RunningCoturn(process, folder, port);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A test that needs coturn, which Debian has; skipped aloud without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CoturnFactAttribute : FactAttribute
{
    public CoturnFactAttribute() => Skip = File.Exists(RunningCoturn.Program) ? null : "SKIPPED (missing coturn)";
}

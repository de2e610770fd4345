using System.Diagnostics;
using System.Globalization;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Perf.Processes;

/// <summary>The plain C loop of Peers/forward.c, built here.</summary>
internal sealed class ForwardLoop : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private ForwardLoop(ServerProcess process, int port, int firstReceiverPort, byte[] key, byte[] salt)
    {
        _process = process;
        Port = port;
        FirstReceiverPort = firstReceiverPort;
        Key = key;
        Salt = salt;
    }

    public int Id => _process.Id;

    public int Port { get; }

    public int FirstReceiverPort { get; }

    /// <summary>Session key of all streams.</summary>
    public byte[] Key { get; }

    public byte[] Salt { get; }

    public static bool CanBuild => Tree.Has("cc") && File.Exists("/usr/include/openssl/evp.h");

    public static async Task<ForwardLoop> StartAsync(PortRange ports, int receivers)
    {
        var folder = ServerProcess.NewFolder();
        var program = Path.Combine(folder, "forward");
        using (var compiler = Process.Start("cc", ["-O3", "-march=native", "-o", program, Tree.Path("tests", "perf", "Peers", "forward.c"), "-lcrypto"]))
        {
            await compiler.WaitForExitAsync();
            if (compiler.ExitCode != 0) throw new InvalidOperationException("cc could not build Peers/forward.c");
        }

        var port = ports.Next();
        var first = ports.NextRow(receivers);
        var key = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
        var salt = Convert.FromHexString("a0a1a2a3a4a5a6a7a8a9aaab");
        string[] arguments = [Text(port), Text(receivers), Text(first), Convert.ToHexStringLower(key), Convert.ToHexStringLower(salt)];
        var process = ServerProcess.Start(program, arguments, folder, readyText: "ready");
        await process.ReadyAsync(TimeSpan.FromSeconds(10));
        return new ForwardLoop(process, port, first, key, salt);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

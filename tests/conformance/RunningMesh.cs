using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace JitsiMesh.Conformance.Tests;

/// <summary>The built all-in-one as a process of its own, on ports of its own, with its data in a folder that goes away.</summary>
internal sealed class RunningMesh : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log;
    private readonly string _data;

    private RunningMesh(Process process, StringBuilder log, string data, int httpsPort)
    {
        _process = process;
        _log = log;
        _data = data;
        HttpsPort = httpsPort;
    }

    public int HttpsPort { get; }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"https://localhost:{HttpsPort}");

    public string Log => Programs.Text(_log);

    public int ProcessId => _process.Id;

    public static async Task<RunningMesh> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var data = Directory.CreateTempSubdirectory("jitsimesh-").FullName;
        var https = Programs.FreePort();
        var start = new ProcessStartInfo("dotnet", [Programs.Built("JitsiMesh.AllInOne")])
        {
            WorkingDirectory = Programs.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CONFIG"] = data;
        start.Environment["HTTPS_PORT"] = https.ToString(CultureInfo.InvariantCulture);
        start.Environment["HTTP_PORT"] = Programs.FreePort().ToString(CultureInfo.InvariantCulture);
        start.Environment["JVB_PORT"] = Programs.FreePort().ToString(CultureInfo.InvariantCulture);
        start.Environment["PUBLIC_URL"] = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{https}");
        start.Environment["JVB_ADVERTISE_IPS"] = "127.0.0.1";
        foreach (var (key, value) in settings ?? new Dictionary<string, string>()) start.Environment[key] = value;
        var process = Process.Start(start)!;
        var log = new StringBuilder();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            Programs.Append(log, line.Data);
            if (line.Data?.Contains("Ready: ", StringComparison.Ordinal) == true) ready.TrySetResult();
        };
        process.ErrorDataReceived += (_, line) => Programs.Append(log, line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The mesh ended before it was ready:\n" + Programs.Text(log)));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var mesh = new RunningMesh(process, log, data, https);
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return mesh;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }
}

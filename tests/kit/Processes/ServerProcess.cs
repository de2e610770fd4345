using System.Diagnostics;
using System.Text;

namespace JitsiMesh.Kit.Processes;

/// <summary>A server that a test or a benchmark starts: a separate process with its files in a temporary folder.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const int KeptLog = 1 << 20;
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<long> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _readyText;

    private ServerProcess(ProcessStartInfo start, string folder, string? readyText)
    {
        Folder = folder;
        _readyText = readyText;
        Started = Stopwatch.GetTimestamp();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _ = EndedAsync(start.FileName);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Folder { get; }

    public int Id => _process.Id;

    /// <summary>Of Stopwatch.</summary>
    public long Started { get; }

    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    /// <param name="program">Its path, or a name in PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Its own, deleted at the end.</param>
    /// <param name="environment">Added to the current environment.</param>
    /// <param name="readyText">A part of the line that reports readiness; null if there is no such line.</param>
    public static ServerProcess Start(string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null, string? readyText = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        return new ServerProcess(start, folder, readyText);
    }

    // Its last lines may arrive after its end; a child that it leaves behind may hold its output open forever.
    private async Task EndedAsync(string program)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The output so far must suffice.
        }

        _ready.TrySetException(new InvalidOperationException($"{program} ended before it was ready:\n{Log}"));
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("jitsimesh-").FullName;

    /// <summary>Waits for the line that reports readiness, and returns the time since the start of the process.</summary>
    public async Task<TimeSpan> ReadyAsync(TimeSpan limit) => Stopwatch.GetElapsedTime(Started, await _ready.Task.WaitAsync(limit));

    /// <summary>Waits until the server answers, for a server that prints nothing.</summary>
    public async Task AnswersAsync(Func<Task> ask, TimeSpan limit)
    {
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await ask();
                return;
            }
            catch (Exception e) when (e is HttpRequestException or System.Net.Sockets.SocketException or TaskCanceledException)
            {
                if (_process.HasExited || Stopwatch.GetElapsedTime(started) > limit) throw new InvalidOperationException($"It does not answer:\n{Log}", e);
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void OnLine(string? line)
    {
        if (line is null) return;
        lock (_log)
        {
            if (_log.Length < KeptLog) _log.AppendLine(line);
        }

        if (_readyText is not null && line.Contains(_readyText, StringComparison.Ordinal)) _ready.TrySetResult(Stopwatch.GetTimestamp());
    }
}

using System.Diagnostics;
using System.Text;

namespace JitsiMesh.Kit.Processes;

/// <summary>A server that a test or a benchmark starts: a process of its own with its files in a folder that goes away.</summary>
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
    /// <param name="environment">Added to ours.</param>
    /// <param name="readyText">The line that says that it is ready has this in it; null where it says nothing.</param>
    public static ServerProcess Start(string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null, string? readyText = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        return new ServerProcess(start, folder, readyText);
    }

    // Its last lines may come after its end; a child that it leaves behind may hold its output open for ever.
    private async Task EndedAsync(string program)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // What it has said so far has to do.
        }

        _ready.TrySetException(new InvalidOperationException($"{program} ended before it was ready:\n{Log}"));
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("jitsimesh-").FullName;

    /// <summary>Waits for the line that says so, and gives how long it took from the start of the process.</summary>
    public async Task<TimeSpan> ReadyAsync(TimeSpan limit) => Stopwatch.GetElapsedTime(Started, await _ready.Task.WaitAsync(limit));

    /// <summary>Waits until the server answers, for one that prints nothing.</summary>
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

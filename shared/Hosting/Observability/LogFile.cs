using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Observability;

/// <summary>Bounds of the copy of a log in a file.</summary>
internal static class LogFileLimits
{
    /// <summary>The maximum size of a file in octets. A larger one is renamed to NAME.1, replacing the previous one.</summary>
    public const long Octets = 64 * 1024 * 1024;

    /// <summary>Lines queued for a slow disk. Further ones go only to the standard output.</summary>
    public const int Waiting = 8 * 1024;
}

/// <summary>
/// A copy of the log in an operator's file (<c>JVB_LOG_FILE</c> and similar), written by one task in the background. A file that cannot be written is reported once, and the
/// service continues.
/// </summary>
internal sealed class LogFile : ILoggerProvider
{
    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(LogFileLimits.Waiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly string _path;
    private readonly long _octets;
    private readonly Task _writer;

    /// <param name="name">The setting, for the report.</param>
    /// <param name="path">The file; its folder is made.</param>
    /// <param name="octets">Of a file.</param>
    public LogFile(string name, string path, long octets = LogFileLimits.Octets)
    {
        _path = path;
        _octets = octets;
        _writer = Task.Run(() => WriteAsync(name));
    }

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writer.Wait(TimeSpan.FromSeconds(5));
    }

    private async Task WriteAsync(string name)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(_path)) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            var file = Open();
            try
            {
                var length = file.BaseStream.Length;
                await foreach (var line in _lines.Reader.ReadAllAsync())
                {
                    if (length > _octets)
                    {
                        file = Turn(file);
                        length = 0;
                    }

                    await file.WriteLineAsync(line);
                    length += Encoding.UTF8.GetByteCount(line) + 1;
                    if (!_lines.Reader.TryPeek(out _)) await file.FlushAsync();
                }
            }
            finally
            {
                await file.DisposeAsync();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _lines.Writer.TryComplete();
            await Console.Error.WriteLineAsync($"{name}: the log is not written to '{_path}': {e.Message}");
        }
    }

    private StreamWriter Turn(StreamWriter file)
    {
        file.Dispose();
        File.Move(_path, _path + ".1", overwrite: true);
        return Open();
    }

    private StreamWriter Open() => new(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), new UTF8Encoding(false));

    private sealed class Writer(LogFile file, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new StringBuilder().Append(DateTimeOffset.Now.ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture)).Append(' ').Append(logLevel).Append(' ').Append(category).Append(": ")
                .Append(formatter(state, exception));
            if (exception is not null) line.Append(' ').Append(exception);
            file._lines.Writer.TryWrite(line.Replace('\n', ' ').Replace("\r", "").ToString());
        }
    }
}

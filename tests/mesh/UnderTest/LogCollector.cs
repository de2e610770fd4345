using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>Keeps what a mesh logs.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    private const int MaxLines = 200_000;
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => new Collecting(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Collecting(LogCollector owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (owner._lines.Count < MaxLines) owner._lines.Enqueue(new LogLine(logLevel, category, formatter(state, exception), exception));
        }
    }
}

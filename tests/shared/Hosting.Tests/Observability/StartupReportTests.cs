using System.Collections.Concurrent;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Tests.Observability;

public sealed class StartupReportTests
{
    [Theory]
    [InlineData("recorder", true)]
    [InlineData("all-in-one", false)]
    public async Task A_service_that_somebody_has_started_for_what_is_not_built_yet_says_so(string service, bool isSaid)
    {
        using var log = new Lines();
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults(service, MeshSettings.From(new Dictionary<string, string?> { ["MESH_HTTP_PORT"] = "127.0.0.1:0", ["MESH_GRPC_PORT"] = "127.0.0.1:0", ["LOG_LEVEL"] = "warn" }));
        builder.AddMeshService("focus").AddMeshService("recorder", "records nothing");
        builder.Logging.AddProvider(log);
        await using var app = builder.Build();

        await app.StartAsync();
        await app.StopAsync();

        Assert.Equal(isSaid, log.Warnings.Contains("records nothing"));
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Warnings.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}

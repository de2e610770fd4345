using System.Text.Json;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Recorder.Tests;

public sealed class CapacityTests
{
    [Fact]
    public async Task A_started_service_announces_that_it_takes_no_jobs()
    {
        var seen = new TaskCompletionSource<WorkerCapacityReported>();
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("recorder", MeshSettings.From(new Dictionary<string, string?> { ["MESH_HTTP_PORT"] = "127.0.0.1:0", ["MESH_GRPC_PORT"] = "127.0.0.1:0", ["LOG_LEVEL"] = "error" }));
        builder.Services.AddSingleton(seen).AddNodeConsumer<Listener>();
        builder.AddRecorder();
        await using var app = builder.Build();
        app.MapMeshDefaults();
        app.MapRecorder();
        await app.StartAsync();

        var report = await seen.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(("recorder", 0, 0, true), (report.Kind, report.Capacity, report.Busy, report.Healthy));
        Assert.Equal(app.Services.GetRequiredService<MeshNode>().NodeId, report.WorkerId);
        using var http = new HttpClient();
        var port = app.Services.GetRequiredService<ListenAddresses>().HttpPort;
        using var health = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/jibri/api/v1.0/health")));
        var status = health.RootElement.GetProperty("status");
        Assert.Equal(("BUSY", "HEALTHY"), (status.GetProperty("busyStatus").GetString(), status.GetProperty("health").GetProperty("healthStatus").GetString()));
        await app.StopAsync();
    }

    private sealed class Listener(TaskCompletionSource<WorkerCapacityReported> seen) : IConsumer<WorkerCapacityReported>
    {
        public Task Consume(ConsumeContext<WorkerCapacityReported> context)
        {
            seen.TrySetResult(context.Message);
            return Task.CompletedTask;
        }
    }
}

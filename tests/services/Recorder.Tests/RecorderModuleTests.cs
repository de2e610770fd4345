using System.Text.Json;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Recorder.Tests;

public sealed class RecorderModuleTests
{
    [Fact]
    public async Task A_started_recorder_is_healthy_and_takes_no_jobs()
    {
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("recorder", MeshSettings.From(new Dictionary<string, string?> { ["MESH_HTTP_PORT"] = "127.0.0.1:0", ["MESH_GRPC_PORT"] = "127.0.0.1:0", ["LOG_LEVEL"] = "error" }));
        builder.AddRecorder();
        await using var app = builder.Build();
        app.MapMeshDefaults();
        app.MapRecorder();
        await app.StartAsync();

        Assert.Contains("records and streams nothing", app.Services.GetRequiredService<MeshService>().Missing!, StringComparison.Ordinal);

        using var http = new HttpClient();
        var port = app.Services.GetRequiredService<ListenAddresses>().HttpPort;
        using var health = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/jibri/api/v1.0/health")));
        var status = health.RootElement.GetProperty("status");
        Assert.Equal(("BUSY", "HEALTHY"), (status.GetProperty("busyStatus").GetString(), status.GetProperty("health").GetProperty("healthStatus").GetString()));
        await app.StopAsync();
    }
}

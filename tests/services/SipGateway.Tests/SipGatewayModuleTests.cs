using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.SipGateway.Tests;

public sealed class SipGatewayModuleTests
{
    [Fact]
    public async Task A_started_gateway_is_healthy()
    {
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("sip-gateway", MeshSettings.From(new Dictionary<string, string?> { ["MESH_HTTP_PORT"] = "127.0.0.1:0", ["MESH_GRPC_PORT"] = "127.0.0.1:0", ["LOG_LEVEL"] = "error" }));
        builder.AddSipGateway();
        await using var app = builder.Build();
        app.MapMeshDefaults();
        app.MapSipGateway();
        await app.StartAsync();

        Assert.Contains("neither telephone nor captions", app.Services.GetRequiredService<MeshService>().Missing!, StringComparison.Ordinal);

        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{app.Services.GetRequiredService<ListenAddresses>().HttpPort}/about/health"));

        Assert.Equal(200, (int)answer.StatusCode);
        await app.StopAsync();
    }
}

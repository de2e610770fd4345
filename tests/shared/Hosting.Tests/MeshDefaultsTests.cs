using System.Net;
using Grpc.Core;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Tests.Kit;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Hosting.Tests;

public sealed class MeshDefaultsTests
{
    [Fact]
    public async Task A_host_serves_health_metrics_and_version_and_lists_itself()
    {
        await using var app = await StartAsync("focus", _ => { }, _ => { });
        using var http = new HttpClient { BaseAddress = Http(app) };

        Assert.Equal("Healthy", await http.GetStringAsync("/health"));
        Assert.Equal("Healthy", await http.GetStringAsync("/about/health"));
        Assert.Equal("Healthy", await http.GetStringAsync("/healthz/live"));
        Assert.Contains("JitsiMesh", await http.GetStringAsync("/about/version"), StringComparison.Ordinal);
        Assert.Contains("dotnet_", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", await http.GetStringAsync("/debug/settings"), StringComparison.Ordinal);

        var store = app.Services.GetRequiredService<IMeshStore>();
        NodeRecord? record = null;
        await Eventually.HoldsAsync(() => (record = Record(store)) is not null, () => "the node is not listed");
        Assert.Equal(Http(app).Port, new Uri(record!.HttpAddress).Port);

        await app.StopAsync();
        Assert.Null(Record(store));
    }

    [Fact]
    public async Task A_consumer_gets_what_is_published()
    {
        var seen = new TaskCompletionSource<string>();
        await using var app = await StartAsync("focus", s => s.AddSingleton(seen).AddNodeConsumer<StatusConsumer>(), _ => { });

        await app.Services.GetRequiredService<IBus>().Publish(new BridgeStatusReported { BridgeId = "jvb-1", Number = 1, StartedAt = DateTimeOffset.UnixEpoch, ControlAddress = "inproc:jvb-1" });

        Assert.Equal("jvb-1", await seen.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_grpc_call_needs_the_meshs_secret()
    {
        await using var app = await StartAsync("media-bridge", _ => { }, a => a.MapGrpcService<HealthyBridge>());
        var address = $"http://127.0.0.1:{app.Services.GetRequiredService<ListenAddresses>().GrpcPort}";
        using var stranger = new GrpcChannels(new MeshCredential(MeshSettings.From([KeyValuePair.Create("JVB_AUTH_PASSWORD", (string?)"not-the-same-secret")])));

        var member = new BridgeControl.BridgeControlClient(app.Services.GetRequiredService<IBridgeConnections>().Invoker(address));
        Assert.True((await member.CheckHealthAsync(new CheckHealthRequest())).Healthy);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await new BridgeControl.BridgeControlClient(stranger.Invoker(address)).CheckHealthAsync(new CheckHealthRequest()));
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task A_stopping_host_is_not_ready_while_its_modules_drain()
    {
        var drain = new SlowDrain();
        await using var app = await StartAsync("focus", s => s.AddSingleton<IDrainable>(drain), _ => { });
        using var http = new HttpClient { BaseAddress = Http(app) };

        var stopping = app.StopAsync();
        await drain.Begun.Task.WaitAsync(TimeSpan.FromSeconds(10));
        var ready = await http.GetAsync(new Uri("/healthz/ready", UriKind.Relative));
        var live = await http.GetAsync(new Uri("/healthz/live", UriKind.Relative));
        drain.Finish.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    private static NodeRecord? Record(IMeshStore store) =>
        store.GetPlacementsAsync(NodeRecord.Keys("focus")).AsTask().GetAwaiter().GetResult().Values.Select(NodeRecord.FromText).SingleOrDefault();

    private static Uri Http(WebApplication app) => new($"http://127.0.0.1:{app.Services.GetRequiredService<ListenAddresses>().HttpPort}");

    private static async Task<WebApplication> StartAsync(string service, Action<IServiceCollection> add, Action<WebApplication> map)
    {
        var settings = MeshSettings.From(new Dictionary<string, string?>
        {
            ["MESH_HTTP_PORT"] = "127.0.0.1:0",
            ["MESH_GRPC_PORT"] = "127.0.0.1:0",
            ["LOG_LEVEL"] = "error",
            ["JVB_AUTH_PASSWORD"] = "0123456789abcdef",
        });
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults(service, settings);
        add(builder.Services);
        var app = builder.Build();
        app.MapMeshDefaults();
        map(app);
        await app.StartAsync();
        return app;
    }

    private sealed class StatusConsumer(TaskCompletionSource<string> seen) : IConsumer<BridgeStatusReported>
    {
        public Task Consume(ConsumeContext<BridgeStatusReported> context)
        {
            seen.TrySetResult(context.Message.BridgeId);
            return Task.CompletedTask;
        }
    }

    private sealed class HealthyBridge : BridgeControl.BridgeControlBase
    {
        public override Task<CheckHealthResponse> CheckHealth(CheckHealthRequest request, ServerCallContext context) => Task.FromResult(new CheckHealthResponse { Healthy = true });
    }

    private sealed class SlowDrain : IDrainable
    {
        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource Finish { get; } = new();

        public async ValueTask DrainAsync(CancellationToken cancellation)
        {
            Begun.TrySetResult();
            await Finish.Task.WaitAsync(cancellation);
        }
    }
}

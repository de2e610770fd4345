using System.Diagnostics;
using System.Net;
using System.Text.Json;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Hosting.Tests.Observability;

public sealed class DebugIndexTests
{
    [Fact]
    public async Task Debug_lists_who_is_here_and_every_page_that_is_here()
    {
        await using var app = await StartAsync([], routes => routes.MapGet("/debug/focus", () => Results.Json(new { })).InnerPage("focus: its conferences"));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{app.Services.GetRequiredService<ListenAddresses>().HttpPort}") };
        using var response = await http.GetAsync(new Uri("/debug", UriKind.Relative));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using var index = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var root = index.RootElement;

        Assert.Equal("focus", root.GetProperty("service").GetString());
        Assert.Equal(["focus"], root.GetProperty("services").EnumerateArray().Select(service => service.GetString()));
        Assert.Equal(app.Services.GetRequiredService<MeshNode>().NodeId, root.GetProperty("node").GetString());
        Assert.Equal(InnerPages.Version, root.GetProperty("version").GetString());
        Assert.True(root.GetProperty("uptimeSeconds").GetInt64() >= 0);
        var pages = root.GetProperty("pages").EnumerateArray().ToDictionary(page => page.GetProperty("path").GetString()!, page => page.GetProperty("what").GetString());
        Assert.Equal("focus: its conferences", pages["/debug/focus"]);
        Assert.Superset(new HashSet<string> { "/debug", "/debug/node", "/debug/settings", "/health", "/about/health", "/about/version", "/healthz/live", "/healthz/ready", "/metrics" }, pages.Keys.ToHashSet());
        Assert.All(pages, page => Assert.False(string.IsNullOrWhiteSpace(page.Value) || page.Value.Contains('\n', StringComparison.Ordinal)));
        foreach (var path in pages.Keys) Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task No_page_tells_a_secret()
    {
        Dictionary<string, string?> secrets = new()
        {
            ["JICOFO_AUTH_PASSWORD"] = "s3cret-of-focus-0001",
            ["JVB_AUTH_PASSWORD"] = "s3cret-of-bridge-0002",
            ["MESH_RABBITMQ_PASSWORD"] = "s3cret-of-rabbit-0003",
            ["MESH_REDIS_PASSWORD"] = "s3cret-of-redis-0004",
        };
        await using var app = await StartAsync(secrets, _ => { });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{app.Services.GetRequiredService<ListenAddresses>().HttpPort}") };

        foreach (var path in new[] { "/debug", "/debug/node", "/debug/settings", "/metrics" }) Assert.DoesNotContain("s3cret", await http.GetStringAsync(new Uri(path, UriKind.Relative)), StringComparison.Ordinal);
        using var settings = JsonDocument.Parse(await http.GetStringAsync(new Uri("/debug/settings", UriKind.Relative)));
        foreach (var name in secrets.Keys) Assert.Equal("***", settings.RootElement.GetProperty(name).GetString());
    }

    [Fact]
    public void Addresses_of_bus_and_store_are_secret_since_they_hold_passwords()
    {
        var described = MeshSettings.From([new("MESH_BUS", "amqp://mesh:s3cret@rabbitmq"), new("MESH_REDIS", "redis:6379,password=s3cret")]).Describe();
        Assert.Equal(("***", "***"), (described["MESH_BUS"], described["MESH_REDIS"]));
        described = MeshSettings.From([new("MESH_BUS", "amqp://mesh:s3cret@a,b"), new("MESH_REDIS", "a,b,serviceName=mesh,password=s3cret")]).Describe();
        Assert.Equal(("***", "***"), (described["MESH_BUS"], described["MESH_REDIS"]));
    }

    [Theory]
    [InlineData("always_on", true)]
    [InlineData("always_off", false)]
    public async Task OpenTelemetrys_own_variables_of_the_env_file_count_when_traces_are_wanted(string sampler, bool sampled)
    {
        Dictionary<string, string?> variables = new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_TRACES_SAMPLER"] = sampler };
        await using var app = await StartAsync(variables, _ => { });
        using var source = new ActivitySource("JitsiMesh.Test");
        Assert.Equal(sampled, MeshSpan.BeginTrace(source, "join", ActivityKind.Server) is not null);
        Assert.All(variables, variable => Assert.Equal(variable.Value, app.Services.GetRequiredService<IConfiguration>()[variable.Key]));
    }

    private static async Task<WebApplication> StartAsync(Dictionary<string, string?> values, Action<WebApplication> map)
    {
        var settings = new Dictionary<string, string?>(values) { ["MESH_HTTP_PORT"] = "127.0.0.1:0", ["MESH_GRPC_PORT"] = "127.0.0.1:0", ["LOG_LEVEL"] = "error" };
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("focus", MeshSettings.From(settings));
        builder.AddMeshService("focus");
        var app = builder.Build();
        app.MapMeshDefaults();
        map(app);
        await app.StartAsync();
        return app;
    }
}

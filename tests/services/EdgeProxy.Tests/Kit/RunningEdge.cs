using System.Net;
using JitsiMesh.EdgeProxy.Routes;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.EdgeProxy.Tests.Kit;

/// <summary>An edge as a service of its own on free ports of loopback, with its files in a folder that goes away.</summary>
internal sealed class RunningEdge : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningEdge(WebApplication app, string folder)
    {
        _app = app;
        Folder = folder;
        Http = Client(HttpAddress);
        Https = _app.Services.GetRequiredService<EdgeListeners>().HttpsIndex is null ? null! : Client(HttpsAddress);
    }

    public string Folder { get; }

    public HttpClient Http { get; }

    /// <summary>Null with DISABLE_HTTPS.</summary>
    public HttpClient Https { get; }

    public IServiceProvider Services => _app.Services;

    public Uri HttpAddress => new($"http://127.0.0.1:{Port(Services.GetRequiredService<EdgeListeners>().HttpIndex)}");

    public Uri HttpsAddress => new($"https://127.0.0.1:{Port(Services.GetRequiredService<EdgeListeners>().HttpsIndex)}");

    public Uri InnerAddress => new($"http://127.0.0.1:{Services.GetRequiredService<ListenAddresses>().HttpPort}");

    public static Task<RunningEdge> StartAsync(Action<string>? files = null, params (string Name, string Value)[] values) => StartAsync(files, _ => { }, values);

    /// <param name="files">Puts files into the folder.</param>
    /// <param name="map">Adds doors of other modules of the same process.</param>
    /// <param name="values">The settings that differ.</param>
    public static Task<RunningEdge> StartAsync(Action<string>? files, Action<WebApplication> map, params (string Name, string Value)[] values) => StartAsync(files, map, _ => { }, values);

    /// <param name="files">Puts files into the folder.</param>
    /// <param name="map">Adds doors of other modules of the same process.</param>
    /// <param name="services">Adds services before those of the mesh.</param>
    /// <param name="values">The settings that differ.</param>
    public static async Task<RunningEdge> StartAsync(Action<string>? files, Action<WebApplication> map, Action<IServiceCollection> services, params (string Name, string Value)[] values)
    {
        var folder = Directory.CreateTempSubdirectory("jitsimesh-edge-").FullName;
        var web = Directory.CreateDirectory(Path.Combine(folder, "www")).FullName;
        await File.WriteAllTextAsync(Path.Combine(web, "index.html"), "<!doctype html><title>the client</title>");
        files?.Invoke(folder);
        var settings = new Dictionary<string, string?>
        {
            ["CONFIG"] = folder,
            ["WEB_ROOT"] = web,
            ["HTTP_PORT"] = "127.0.0.1:0",
            ["HTTPS_PORT"] = "127.0.0.1:0",
            ["MESH_HTTP_PORT"] = "127.0.0.1:0",
            ["MESH_GRPC_PORT"] = "127.0.0.1:0",
            ["LOG_LEVEL"] = "error",
        };
        foreach (var (name, value) in values) settings[name] = value;
        var builder = MeshHost.CreateBuilder([]);
        services(builder.Services);
        builder.AddMeshDefaults("edge-proxy", MeshSettings.From(settings));
        builder.AddEdgeProxy();
        var app = builder.Build();
        app.MapMeshDefaults();
        app.MapEdgeProxy();
        map(app);
        await app.StartAsync();
        return new RunningEdge(app, folder);
    }

    /// <summary>As SIGTERM does.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Https?.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private int Port(int? index) => Services.GetRequiredService<ListenAddresses>().Port(index);

    private static HttpClient Client(Uri address) => new(new HttpClientHandler
    {
        ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=JitsiMesh self-signed",
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
    })
    {
        BaseAddress = address,
    };
}

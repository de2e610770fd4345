using System.Collections.Concurrent;
using System.Net;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Mesh.Tests.UnderTest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Mesh.Tests.Proxies;

/// <summary>What the edge took a request for.</summary>
internal sealed record SeenRequest(string Path, IPAddress? Client, string Scheme, string Host);

/// <summary>The all-in-one behind a proxy of others, at the address that people type. Only 127.0.0.1 is trusted: clients come from another address of loopback.</summary>
internal sealed class ProxiedMesh : IMeshUnderTest, IAsyncDisposable
{
    private readonly InProcessMesh _mesh;
    private readonly RunningProxy _proxy;
    private readonly Seen _seen;

    private ProxiedMesh(InProcessMesh mesh, RunningProxy proxy, Seen seen, string path)
    {
        _mesh = mesh;
        _proxy = proxy;
        _seen = seen;
        Public = new Uri($"https://localhost:{proxy.Port}{path}/");
    }

    /// <summary>PUBLIC_URL, with a slash at its end.</summary>
    public Uri Public { get; }

    public Uri WebSocket => new($"wss://localhost:{_proxy.Port}{Public.AbsolutePath}xmpp-websocket");

    public Uri PlainHttp => _mesh.PlainHttp;

    public string Domain => _mesh.Domain;

    public string MucDomain => _mesh.MucDomain;

    public IPEndPoint Media => _mesh.Media;

    public IReadOnlyList<LogLine> Log => _mesh.Log;

    public IReadOnlyCollection<SeenRequest> Requests => _seen.All;

    public string ProxyLog => _proxy.Log;

    /// <param name="file">Of deploy/proxies.</param>
    /// <param name="path">Of PUBLIC_URL, without a slash at its end.</param>
    public static async Task<ProxiedMesh> StartAsync(string file, string path = "")
    {
        var (port, http) = (FreePorts.Next(), FreePorts.Next());
        var seen = new Seen();
        var mesh = await InProcessMesh.StartAsync(
            new Dictionary<string, string?>
            {
                ["PUBLIC_URL"] = $"https://localhost:{port}{path}/",
                ["HTTP_PORT"] = $"127.0.0.1:{http}",
                ["DISABLE_HTTPS"] = "1",
                ["MESH_TRUSTED_PROXIES"] = "127.0.0.1/32",
            },
            builder => builder.Services.AddSingleton<IStartupFilter>(seen));
        try
        {
            return new ProxiedMesh(mesh, await RunningProxy.StartAsync(file, port, http), seen, path);
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    public Task<string> InnerAsync(string path) => _mesh.InnerAsync(path);

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _mesh.DisposeAsync();
    }

    // Registered before the edge's own: it looks at a request after the edge has read the proxy's headers.
    private sealed class Seen : IStartupFilter
    {
        private readonly ConcurrentQueue<SeenRequest> _all = new();

        public IReadOnlyCollection<SeenRequest> All => _all;

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, then) =>
            {
                try
                {
                    await then(context);
                }
                finally
                {
                    var request = context.Request;
                    _all.Enqueue(new SeenRequest(request.Path, context.Connection.RemoteIpAddress, request.Scheme, request.Host.ToString()));
                }
            });
            next(app);
        };
    }
}

using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>A server of somebody else, which answers as the test says, and keeps what it was asked.</summary>
public sealed class WebServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Request> _requests = new();

    private WebServer(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public IReadOnlyList<Request> Requests => [.. _requests];

    public static async Task<WebServer> StartAsync(Func<HttpContext, Request, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new WebServer(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var request = new Request($"{context.Request.Method} {context.Request.Path}", await reader.ReadToEndAsync(), context.Request.Headers.Authorization.ToString(), context.Request.ContentType ?? "");
            server._requests.Enqueue(request);
            await answer(context, request);
        });
        await app.StartAsync();
        return server;
    }

    public static Task<WebServer> StartAsync(int status, string body) => StartAsync((context, _) => SayAsync(context, status, body));

    public static Task SayAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    }

    public async ValueTask DisposeAsync()
    {
        // Requests that hang on purpose are not waited for.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    public sealed record Request(string Line, string Body, string Authorization, string ContentType);
}

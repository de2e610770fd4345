using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>A key server on loopback that does what the test says, and keeps what it was asked.</summary>
internal sealed class KeyServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private KeyServer(WebApplication app) => _app = app;

    public ConcurrentQueue<string> Requests { get; } = [];

    public Func<HttpContext, Task> Answer { get; set; } = context => context.Response.WriteAsync("");

    /// <summary>Without a slash at its end.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Files by path; everything else is not found.</summary>
    public ConcurrentDictionary<string, string> Files { get; } = [];

    public static async Task<KeyServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new KeyServer(app);
        server.Answer = server.AnswerFileAsync;
        app.Run(context =>
        {
            server.Requests.Enqueue(context.Request.Path + context.Request.QueryString);
            return server.Answer(context);
        });
        await app.StartAsync();
        return server;
    }

    public static string PathOf(string keyId) => $"/asap/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keyId)))}.pem";

    public Task AnswerFileAsync(HttpContext context)
    {
        if (Files.TryGetValue(context.Request.Path, out var text)) return context.Response.WriteAsync(text);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public TokenService Asap(params (string Name, string Value)[] values) => new([("JWT_APP_ID", "app"), ("JWT_ASAP_KEYSERVER", $"{Address}/asap/"), .. values]);

    public TokenService Jwks(params (string Name, string Value)[] values) => new([("JWT_APP_ID", "app"), ("MESH_JWT_JWKS_URL", $"{Address}/jwks.json?tenant=a"), .. values]);
}

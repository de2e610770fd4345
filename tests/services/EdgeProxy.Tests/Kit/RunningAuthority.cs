using JitsiMesh.Acme.Messages;
using JitsiMesh.Hosting.Certificates;
using JitsiMesh.Kit.Acme;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Tests.Kit;

/// <summary>A <see cref="FakeAuthority"/> behind HTTPS on loopback, which can also hang.</summary>
internal sealed class RunningAuthority : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly SemaphoreSlim _turn = new(1);

    private RunningAuthority(WebApplication app, string folder, FakeAuthority authority)
    {
        _app = app;
        _folder = folder;
        Authority = authority;
    }

    public FakeAuthority Authority { get; }

    /// <summary>PEM of what its HTTPS is trusted by.</summary>
    public string CaFile => Path.Combine(_folder, "ca.pem");

    /// <summary>Requests are taken and never answered.</summary>
    public bool Hangs { get; set; }

    /// <summary>One is being left without an answer.</summary>
    public SemaphoreSlim Hanging { get; } = new(0);

    public (string, string)[] Settings(string names = "meet.example.org") =>
    [
        ("ENABLE_LETSENCRYPT", "1"), ("LETSENCRYPT_DOMAIN", names), ("LETSENCRYPT_EMAIL", "ops@example.org"),
        ("LETSENCRYPT_ACME_SERVER", Authority.Directory.AbsoluteUri), ("MESH_ACME_CA_FILE", CaFile),
    ];

    public static async Task<RunningAuthority> StartAsync(TimeProvider time)
    {
        var folder = Directory.CreateTempSubdirectory("jitsimesh-authority-").FullName;
        var (certificate, key) = CertificateFiles.CreateSelfSigned(["localhost", "127.0.0.1"], DateTimeOffset.UtcNow);
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.pem"), certificate);
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key);
        var context = CertificateFiles.Load(Path.Combine(folder, "ca.pem"), Path.Combine(folder, "key.pem"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(context.TargetCertificate)));
        var app = builder.Build();
        RunningAuthority? running = null;
        app.Run(http => running!.AnswerAsync(http));
        await app.StartAsync();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        running = new RunningAuthority(app, folder, new FakeAuthority(new Uri($"https://127.0.0.1:{address.Port}/"), time.GetUtcNow));
        return running;
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        Authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (Hangs)
        {
            Hanging.Release();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }

        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        await _turn.WaitAsync(http.RequestAborted);
        AcmeAnswer answer;
        try
        {
            var url = new Uri(Authority.Directory, http.Request.Path.Value);
            answer = await Authority.AnswerAsync(new AcmeRequest(http.Request.Method, url, body.Length > 0 ? body.ToArray() : null));
        }
        finally
        {
            _turn.Release();
        }

        http.Response.StatusCode = answer.Status;
        if (answer.Nonce is not null) http.Response.Headers["Replay-Nonce"] = answer.Nonce;
        if (answer.Location is not null) http.Response.Headers.Location = answer.Location;
        if (answer.RetryAfter is not null) http.Response.Headers.RetryAfter = answer.RetryAfter;
        if (http.Request.Method != "HEAD") await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }
}

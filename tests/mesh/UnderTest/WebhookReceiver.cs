using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JitsiMesh.Kit.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>A receiver of webhooks as docs/webhooks.md tells developers to write one: it verifies by its own reading of the specification, and passes over an id that it had.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly byte[] Key = Convert.FromBase64String(Secret["whsec_".Length..]);

    private readonly ConcurrentDictionary<string, byte> _seen = new(StringComparer.Ordinal);
    private readonly List<JsonElement> _events = [];
    private WebApplication? _app;
    private int _forged;
    private int _requests;

    private WebhookReceiver(int port) => Port = port;

    public int Port { get; }

    public Uri Url => new($"http://127.0.0.1:{Port}/hook");

    /// <summary>Requests whose signature was not right.</summary>
    public int Forged => Volatile.Read(ref _forged);

    /// <summary>All requests, those that came again among them.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<WebhookReceiver> StartAsync()
    {
        var receiver = new WebhookReceiver(FreePorts.Block(1));
        await receiver.UpAsync();
        return receiver;
    }

    /// <summary>Begins to listen on its port, at first or again.</summary>
    public async Task UpAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Port}");
        _app = builder.Build();
        _app.Run(TakeAsync);
        await _app.StartAsync();
    }

    /// <summary>Stops listening.</summary>
    public async Task DownAsync()
    {
        if (_app is null) return;
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>What came of one room, in the order in which it came: the type, for participants the id, and for leaves the reason.</summary>
    public IReadOnlyList<string> Of(string room)
    {
        lock (_events) return [.. _events.Where(one => one.GetProperty("data").GetProperty("room").GetProperty("name").GetString() == room).Select(Line)];
    }

    public async ValueTask DisposeAsync() => await DownAsync();

    private static string Line(JsonElement one)
    {
        var data = one.GetProperty("data");
        var line = one.GetProperty("type").GetString()!;
        if (data.TryGetProperty("participant", out var participant)) line += " " + participant.GetProperty("id").GetString();
        if (data.TryGetProperty("reason", out var reason)) line += " " + reason.GetString();
        if (data.TryGetProperty("peak_participants", out var peak)) line += " " + peak.GetInt32().ToString(CultureInfo.InvariantCulture);
        return line;
    }

    private async Task TakeAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        string id = context.Request.Headers["webhook-id"]!, time = context.Request.Headers["webhook-timestamp"]!;
        var age = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(time, CultureInfo.InvariantCulture);
        var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes($"{id}.{time}.{body}")));
        if (context.Request.Headers["webhook-signature"] != expected || age is < -300 or > 300)
        {
            Interlocked.Increment(ref _forged);
            context.Response.StatusCode = 400;
            return;
        }

        if (_seen.TryAdd(id, 0))
        {
            using var document = JsonDocument.Parse(body);
            lock (_events) _events.Add(document.RootElement.Clone());
        }

        context.Response.StatusCode = 204;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Tests.Sockets;
using JitsiMesh.Signalling.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Tests.Webhooks;

/// <summary><c>./mesh webhook test</c> against receivers on real sockets.</summary>
public sealed class WebhookCommandTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_bm90IHRoYXQgb25lLCBidXQgb25lIGFsbCB0aGUgc2FtZQ==";

    [Fact]
    public async Task Each_receiver_gets_one_event_that_it_can_verify_with_either_secret()
    {
        List<string> signed = [];
        await using var one = await WebServer.StartAsync((context, request) =>
        {
            var headers = context.Request.Headers;
            Assert.True(WebhookSecrets.TryParse(Secret, out var secrets, out _));
            var expected = WebhookSignature.Of(secrets, headers[WebhookSignature.IdHeader]!, long.Parse(headers[WebhookSignature.TimestampHeader]!, System.Globalization.CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(request.Body));
            signed.Add(headers[WebhookSignature.IdHeader]!);
            return WebServer.SayAsync(context, headers[WebhookSignature.SignatureHeader] == expected && expected.Split(' ').Length == 2 ? 204 : 401, "");
        });
        await using var two = await WebServer.StartAsync(200, "thanks");
        var (code, lines) = await TestAsync($"{one.Url}/hook?key=4711,{two.Url}");
        Assert.Equal(0, code);
        Assert.Collection(lines, line => Assert.Matches($"^ok      {Host(one.Url)}: status 204, in [0-9]+ ms$", line), line => Assert.Matches($"^ok      {Host(two.Url)}: status 200, in [0-9]+ ms$", line));
        Assert.StartsWith("msg_", Assert.Single(signed));
        using var body = JsonDocument.Parse(Assert.Single(two.Requests).Body);
        Assert.Equal("webhook.test", body.RootElement.GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Object, body.RootElement.GetProperty("data").ValueKind);
        Assert.InRange((DateTimeOffset.UtcNow - body.RootElement.GetProperty("timestamp").GetDateTimeOffset()).TotalSeconds, -60, 60);
    }

    [Theory]
    [InlineData(302, "status 302, a redirect, which is not followed", "MESH_WEBHOOK_URLS")]
    [InlineData(401, "status 401", "MESH_WEBHOOK_SECRET: the receiver may verify with another one")]
    [InlineData(404, "status 404", "MESH_WEBHOOK_URLS")]
    [InlineData(410, "status 410: the receiver wants no more", "MESH_WEBHOOK_URLS")]
    [InlineData(429, "status 429", "the receiver")]
    [InlineData(500, "status 500", "the receiver")]
    public async Task One_that_does_not_accept_it_ends_with_1_and_what_to_look_at_and_the_others_are_tried(int status, string said, string setting)
    {
        await using var refuses = await WebServer.StartAsync(status, "");
        await using var accepts = await WebServer.StartAsync(200, "");
        var (code, lines) = await TestAsync($"{refuses.Url},{accepts.Url}");
        Assert.Equal(1, code);
        Assert.Collection(lines, line => Assert.Matches($"^failed  {Host(refuses.Url)}: {said}, in [0-9]+ ms \\(look at {setting}\\)$", line), line => Assert.StartsWith("ok      ", line));
    }

    [Fact]
    public async Task One_where_nobody_listens_is_told_of_with_the_reason()
    {
        // Its port is nobody else's while it is bound, and takes no connection.
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var (code, lines) = await TestAsync($"http://{bound.LocalEndPoint}/hook");
        Assert.Equal(1, code);
        Assert.Matches($"^failed  {bound.LocalEndPoint}: no connection: Connection refused, in [0-9]+ ms \\(look at MESH_WEBHOOK_URLS\\)$", Assert.Single(lines));
    }

    [Fact]
    public async Task One_that_does_not_answer_has_the_time_of_its_setting()
    {
        await using var silent = await WebServer.StartAsync((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var (code, lines) = await TestAsync(silent.Url, ("MESH_WEBHOOK_TIMEOUT", "1"));
        Assert.Equal(1, code);
        Assert.Matches($"^failed  {Host(silent.Url)}: no answer within 1 s, in [0-9]+ ms \\(look at MESH_WEBHOOK_TIMEOUT, MESH_WEBHOOK_URLS\\)$", Assert.Single(lines));
    }

    [Fact]
    public async Task One_whose_certificate_is_not_valid_is_told_of_with_the_reason()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=receiver", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } };
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var app = builder.Build();
        var asked = 0;
        app.Run(_ =>
        {
            Interlocked.Increment(ref asked);
            return Task.CompletedTask;
        });
        await app.StartAsync();
        var (code, lines) = await TestAsync(app.Urls.Single() + "/hook?key=4711");
        Assert.Equal((1, 0), (code, asked));
        Assert.Matches($"^failed  {Host(app.Urls.Single())}: the TLS handshake failed: .*certificate.* in [0-9]+ ms \\(look at MESH_WEBHOOK_URLS\\)$", Assert.Single(lines));
        Assert.DoesNotContain("4711", lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", Secret, "MESH_WEBHOOK_URLS is not set")]
    [InlineData("https://ann:4711@hooks.example.org/", Secret, "MESH_WEBHOOK_URLS")]
    [InlineData("https://hooks.example.org/", "", "MESH_WEBHOOK_SECRET")]
    [InlineData("https://hooks.example.org/", "whsec_4711", "MESH_WEBHOOK_SECRET")]
    public async Task Settings_that_cannot_be_right_are_named_and_nothing_is_sent(string urls, string secret, string setting)
    {
        var (code, lines) = await TestAsync(urls, ("MESH_WEBHOOK_SECRET", secret));
        Assert.Equal(1, code);
        var line = Assert.Single(lines);
        Assert.StartsWith("failed  settings: " + setting, line, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2, "send")]
    [InlineData(2, "test", "more")]
    [InlineData(0, "--help")]
    [InlineData(0, "test", "--help")]
    public async Task Called_wrongly_it_says_how(int code, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Assert.Equal(code, await WebhookCommand.RunAsync(args, () => throw new InvalidOperationException("not read"), TimeProvider.System, output, errors));
        Assert.Contains("usage: webhook test", (code == 0 ? output : errors).ToString(), StringComparison.Ordinal);
        Assert.Empty((code == 0 ? errors : output).ToString());
    }

    private static string Host(string url) => new Uri(url).Authority;

    private static async Task<(int Code, string[] Lines)> TestAsync(string urls, params (string Name, string Value)[] values)
    {
        var settings = new Dictionary<string, string?> { ["MESH_WEBHOOK_URLS"] = urls, ["MESH_WEBHOOK_SECRET"] = Secret };
        foreach (var (name, value) in values) settings[name] = value;
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await WebhookCommand.RunAsync(["test"], () => MeshSettings.From(settings), TimeProvider.System, output, errors);
        Assert.Empty(errors.ToString());
        return (code, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}

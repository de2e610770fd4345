using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>An OpenID provider that logs everybody in as ann at once. A code is good once (OpenID Connect Core 1.0 section 3.1).</summary>
internal sealed class ScriptedProvider : IAsyncDisposable
{
    public const string ClientId = "mesh";
    public const string ClientSecret = "what-only-mesh-and-provider-know";

    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, string> _nonces = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private int _questions;

    private ScriptedProvider(WebApplication app) => _app = app;

    public string Issuer => _app.Urls.Single();

    /// <summary>How often it was asked for a token.</summary>
    public int Questions => Volatile.Read(ref _questions);

    public static async Task<ScriptedProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var provider = new ScriptedProvider(app);
        app.MapGet("/.well-known/openid-configuration", context => WriteAsync(context, 200, provider.Description()));
        app.MapGet("/jwks", context => WriteAsync(context, 200, new JsonObject { ["keys"] = new JsonArray(provider.PublicKey()) }));
        app.MapGet("/auth", provider.LogIn);
        app.MapPost("/token", provider.AnswerAsync);
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private static Task WriteAsync(HttpContext context, int status, JsonNode json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json.ToJsonString());
    }

    private static string Encode(JsonNode json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private Task LogIn(HttpContext context)
    {
        var code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _nonces[code] = context.Request.Query["nonce"].ToString();
        context.Response.Redirect($"{context.Request.Query["redirect_uri"]}?code={code}&state={HttpUtility.UrlEncode(context.Request.Query["state"])}");
        return Task.CompletedTask;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _questions);
        var form = await context.Request.ReadFormAsync();
        if (form["client_secret"] != ClientSecret || !_nonces.TryRemove(form["code"].ToString(), out var nonce))
        {
            await WriteAsync(context, 400, new JsonObject { ["error"] = "invalid_grant" });
            return;
        }

        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = Issuer, ["aud"] = ClientId, ["sub"] = "ann", ["name"] = "Ann", ["nonce"] = nonce, ["iat"] = now, ["nbf"] = now, ["exp"] = now + 300 };
        var signed = $"{Encode(new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = "one" })}.{Encode(claims)}";
        var token = $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
        await WriteAsync(context, 200, new JsonObject { ["access_token"] = "access", ["token_type"] = "Bearer", ["expires_in"] = 300, ["id_token"] = token });
    }

    private JsonObject Description() => new()
    {
        ["issuer"] = Issuer,
        ["authorization_endpoint"] = Issuer + "/auth",
        ["token_endpoint"] = Issuer + "/token",
        ["end_session_endpoint"] = Issuer + "/end",
        ["jwks_uri"] = Issuer + "/jwks",
        ["response_types_supported"] = new JsonArray("code"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
    };

    private JsonObject PublicKey()
    {
        var parameters = _key.ExportParameters(false);
        return new JsonObject { ["kty"] = "RSA", ["kid"] = "one", ["use"] = "sig", ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) };
    }
}

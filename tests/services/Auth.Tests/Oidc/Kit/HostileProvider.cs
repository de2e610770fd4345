using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tests.Oidc.Kit;

internal sealed record Reply(int Status, string Type, byte[] Body)
{
    public static Reply Json(JsonNode json, int status = 200) => new(status, "application/json", Encoding.UTF8.GetBytes(json.ToJsonString()));
}

/// <summary>A provider that says whatever a test wants, with a good key.</summary>
internal sealed class HostileProvider : IAsyncDisposable
{
    public const string KeyId = "one";

    private readonly WebApplication _app;

    private HostileProvider(WebApplication app) => _app = app;

    public RSA Key { get; } = RSA.Create(2048);

    public Uri Issuer => new(_app.Urls.Single());

    public Func<JsonObject, JsonObject> Describe { get; set; } = description => description;

    public Func<Reply> Token { get; set; } = () => Reply.Json(new JsonObject(), 500);

    public Func<Reply> UserInfo { get; set; } = () => Reply.Json(new JsonObject { ["sub"] = "ann", ["name"] = "Ann" });

    /// <summary>Of a request that is pushed (RFC 9126), which the description names only where a test says so.</summary>
    public Func<Reply> Pushed { get; set; } = () => Reply.Json(new JsonObject { ["request_uri"] = "urn:ietf:params:oauth:request_uri:one", ["expires_in"] = 60 }, 201);

    public static async Task<HostileProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var provider = new HostileProvider(app);
        app.MapGet("/.well-known/openid-configuration", context => provider.WriteAsync(context, Reply.Json(provider.Describe(provider.Description()))));
        app.MapGet("/jwks", context => provider.WriteAsync(context, Reply.Json(new JsonObject { ["keys"] = new JsonArray(provider.PublicKey()) })));
        app.MapPost("/token", context => provider.WriteAsync(context, provider.Token()));
        app.MapPost("/par", context => provider.WriteAsync(context, provider.Pushed()));
        app.MapGet("/me", context => provider.WriteAsync(context, provider.UserInfo()));
        await app.StartAsync();
        return provider;
    }

    /// <summary>Good claims for a login with that nonce.</summary>
    public JsonObject Claims(string nonce)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new JsonObject { ["iss"] = Issuer.OriginalString, ["aud"] = OidcHost.ClientId, ["sub"] = "ann", ["nonce"] = nonce, ["iat"] = now, ["nbf"] = now, ["exp"] = now + 300 };
    }

    public string Sign(JsonObject claims, RSA? key = null, JsonObject? header = null)
    {
        header ??= new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyId };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString((key ?? Key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public static string Encode(JsonNode json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    public static JsonObject TokenAnswer(string idToken) => new() { ["access_token"] = "access", ["token_type"] = "Bearer", ["expires_in"] = 300, ["id_token"] = idToken };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Key.Dispose();
    }

    private JsonObject Description() => new()
    {
        ["issuer"] = Issuer.OriginalString,
        ["authorization_endpoint"] = Issuer.OriginalString + "/auth",
        ["token_endpoint"] = Issuer.OriginalString + "/token",
        ["userinfo_endpoint"] = Issuer.OriginalString + "/me",
        ["jwks_uri"] = Issuer.OriginalString + "/jwks",
        ["response_types_supported"] = new JsonArray("code"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
    };

    private JsonObject PublicKey()
    {
        var parameters = Key.ExportParameters(false);
        return new JsonObject { ["kty"] = "RSA", ["kid"] = KeyId, ["use"] = "sig", ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) };
    }

    private async Task WriteAsync(HttpContext context, Reply reply)
    {
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.Type;
        await context.Response.Body.WriteAsync(reply.Body, context.RequestAborted);
    }
}

using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using JitsiMesh.Auth.Tests.Oidc.Kit;

namespace JitsiMesh.Auth.Tests.Oidc;

/// <summary>What a login is refused for when the provider, or somebody in its place, answers wrongly: each check once, with its reason.</summary>
[Collection(OidcTurns.Name)]
public sealed class HostileProviderTests
{
    [Fact]
    public async Task A_good_answer_is_let_in_so_that_the_refusals_mean_something()
    {
        await using var scene = await Scene.StartAsync();
        Assert.NotNull((await scene.LogInAsync(claims => claims)).Token);
    }

    public static TheoryData<string, string, string?> WrongClaims => new()
    {
        // Claim, its value as JSON, the reason.
        { "iss", "\"https://elsewhere.example\"", "oidc_issuer" },
        { "iss", "", "oidc_issuer" },
        { "aud", "\"another client\"", "oidc_audience" },
        { "aud", "", "oidc_audience" },
        { "aud", "[]", "oidc_audience" },
        { "aud", "[\"jitsi\",\"another client\"]", "oidc_azp" },
        { "azp", "\"another client\"", "oidc_azp" },
        { "exp", "1000000000", "oidc_expired" },
        { "exp", "", "oidc_expired" },
        { "nbf", "4000000000", "oidc_expired" },
        { "nonce", "\"another login's\"", "oidc_nonce" },
        { "nonce", "", "oidc_nonce" },
        { "iat", "", "oidc_id_token" },
        { "sub", "", "oidc_id_token" },
        { "sub", "\"\"", "oidc_id_token" },
        { "sub", "\"bob\"", "oidc_userinfo" },
        { "sub", "7", null },
    };

    [Theory]
    [MemberData(nameof(WrongClaims))]
    public async Task A_wrong_claim_is_refused_under_its_reason(string claim, string value, string? reason)
    {
        await using var scene = await Scene.StartAsync();
        await scene.RefusedAsync(reason, () => scene.LogInAsync(claims =>
        {
            claims.Remove(claim);
            if (value.Length > 0) claims[claim] = JsonNode.Parse(value);
            return claims;
        }));
    }

    [Theory]
    [InlineData("another key")]
    [InlineData("another kid")]
    [InlineData("none")]
    [InlineData("none, signed")]
    [InlineData("HS256 by the public key")]
    [InlineData("HS256 by the client's secret")]
    [InlineData("a key that it brings along")]
    [InlineData("changed claims")]
    public async Task A_token_that_the_provider_has_not_signed_is_refused(string kind)
    {
        await using var scene = await Scene.StartAsync();
        using var other = RSA.Create(2048);
        await scene.RefusedAsync("oidc_signature", () => scene.LogInAsync(claims => claims, claims => kind switch
        {
            "another key" => scene.Provider.Sign(claims, other),
            "another kid" => scene.Provider.Sign(claims, other, new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = "two" }),
            "none" => $"{HostileProvider.Encode(new JsonObject { ["alg"] = "none", ["typ"] = "JWT" })}.{HostileProvider.Encode(claims)}.",
            "none, signed" => scene.Provider.Sign(claims, header: new JsonObject { ["alg"] = "none", ["typ"] = "JWT", ["kid"] = HostileProvider.KeyId }),
            "HS256 by the public key" => Hmac(claims, Encoding.ASCII.GetBytes(scene.Provider.Key.ExportSubjectPublicKeyInfoPem())),
            "HS256 by the client's secret" => Hmac(claims, Encoding.UTF8.GetBytes(OidcHost.ClientSecret)),
            "a key that it brings along" => scene.Provider.Sign(claims, other, new JsonObject
            {
                ["alg"] = "RS256",
                ["typ"] = "JWT",
                ["jwk"] = new JsonObject { ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(other.ExportParameters(false).Modulus), ["e"] = "AQAB" },
            }),
            _ => Changed(scene.Provider.Sign(claims)),
        }));
    }

    public static TheoryData<string, int, string, string, string> WrongAnswers => new()
    {
        // Which answer, its status, type and body, the reason.
        { "token", 401, "application/json", """{"error":"invalid_client","error_description":"<script>alert(1)</script>"}""", "oidc_client" },
        { "token", 400, "application/json", """{"error":"unauthorized_client"}""", "oidc_client" },
        { "token", 400, "application/json", """{"error":"invalid_grant"}""", "oidc_code" },
        { "token", 400, "application/json", """{"error":"something else"}""", "oidc_provider_answer" },
        { "token", 503, "application/json", """{"error":"temporarily_unavailable"}""", "oidc_provider_down" },
        { "token", 200, "application/json", "{", "oidc_id_token" },
        { "token", 200, "text/html", "<html></html>", "oidc_id_token" },
        { "token", 200, "application/json", "{}", "oidc_provider_answer" },
        { "token", 200, "application/json", """{"id_token":"x"}""", "oidc_id_token" },
        { "userinfo", 500, "application/json", "{}", "oidc_provider_down" },
        { "userinfo", 401, "application/json", "{}", "oidc_provider_answer" },
        { "userinfo", 200, "application/json", "{", "oidc_provider_answer" },
        { "userinfo", 200, "application/json", """{"sub":"bob"}""", "oidc_userinfo" },
        { "userinfo", 200, "application/json", """{"name":"Ann"}""", "oidc_userinfo" },
        { "userinfo", 200, "application/json", """{"sub":"ann","sub":"ann","name":"a","name":"b"}""", "oidc_userinfo" },
    };

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public async Task A_wrong_answer_is_refused_under_its_reason_and_its_words_are_not_shown(string which, int status, string type, string body, string reason)
    {
        await using var scene = await Scene.StartAsync();
        var reply = new Reply(status, type, Encoding.UTF8.GetBytes(body));
        if (which == "userinfo") scene.Provider.UserInfo = () => reply;
        var page = await scene.RefusedAsync(reason, () => which == "token" ? scene.LogInAsync(reply) : scene.LogInAsync(claims => claims));
        Assert.DoesNotContain("script", page.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("userinfo")]
    public async Task An_answer_that_is_too_long_is_none(string which)
    {
        await using var scene = await Scene.StartAsync();
        var reply = new Reply(200, "application/json", Encoding.UTF8.GetBytes($$"""{"sub":"ann","filler":"{{new string('x', 600 * 1024)}}"}"""));
        if (which == "userinfo") scene.Provider.UserInfo = () => reply;
        await scene.RefusedAsync("oidc_provider_answer", () => which == "token" ? scene.LogInAsync(reply) : scene.LogInAsync(claims => claims));
    }

    [Theory]
    [InlineData("issuer", "\"https://elsewhere.example\"")]
    [InlineData("issuer", "null")]
    [InlineData("token_endpoint", "null")]
    [InlineData("authorization_endpoint", "\"javascript:alert(1)\"")]
    [InlineData("jwks_uri", "\"http://127.0.0.1:1/\"")]
    [InlineData("end_session_endpoint", "\"ftp://elsewhere.example\"")]
    public async Task A_description_that_is_not_the_provider_s_begins_no_login(string name, string value)
    {
        await using var scene = await Scene.StartColdAsync();
        scene.Provider.Describe = description =>
        {
            description[name] = JsonNode.Parse(value);
            return description;
        };
        using var outcomes = new Outcomes();
        var page = await scene.Browser.BeginAsync();
        Assert.Null(page.Location);
        Assert.Equal(1, outcomes[name == "jwks_uri" ? "oidc_provider_down" : "oidc_provider_answer"]);
        Assert.Equal(1, outcomes.Sum);
    }

    [Theory]
    [InlineData("error=access_denied&error_description=%3Cb%3Eno%3C/b%3E", "oidc_refused")]
    [InlineData("error=login_required", "oidc_refused")]
    [InlineData("error=server_error", "oidc_provider_down")]
    [InlineData("error=invalid_scope", "oidc_provider_answer")]
    [InlineData("code=c&iss=https%3A%2F%2Felsewhere.example", "oidc_issuer")]
    [InlineData("", "oidc_id_token")]
    public async Task What_the_browser_brings_back_is_looked_at(string answer, string reason)
    {
        await using var scene = await Scene.StartAsync();
        await scene.RefusedAsync(reason, async () =>
        {
            var begun = await scene.Browser.BeginAsync();
            return await scene.Browser.GetAsync($"{OidcHost.PublicUrl}/oidc/callback?{answer}&state={Uri.EscapeDataString(begun.Parameter("state"))}");
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("code=c")]
    [InlineData("code=c&state=")]
    [InlineData("code=c&state=CfDJ8foreign")]
    [InlineData("error=access_denied")]
    public async Task A_state_that_is_not_ours_is_refused(string query)
    {
        await using var scene = await Scene.StartAsync();
        await scene.RefusedAsync("oidc_state", async () =>
        {
            await scene.Browser.BeginAsync();
            return await scene.Browser.GetAsync($"{OidcHost.PublicUrl}/oidc/callback?{query}");
        });
    }

    [Fact]
    public async Task A_login_that_took_too_long_is_refused_whatever_the_browser_has_kept()
    {
        await using var scene = await Scene.StartAsync();
        await scene.RefusedAsync("oidc_state", async () =>
        {
            var begun = await scene.Browser.BeginAsync();
            scene.Time.By = TimeSpan.FromMinutes(16);
            return await scene.CallbackAsync(begun, scene.Provider.Claims(begun.Parameter("nonce")));
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("room=")]
    [InlineData("room=.hidden")]
    [InlineData("room=a%2Fb")]
    [InlineData("room=..%2F..%2Felsewhere")]
    [InlineData("room=%252Felsewhere.example")]
    [InlineData("room=a%3Fjwt%3Dx")]
    [InlineData("room=a%23b")]
    [InlineData("room=%5C%5Celsewhere.example")]
    [InlineData("room=a%00b")]
    [InlineData("room=standup&tenant=a%2Fb")]
    [InlineData("room=https%3A%2F%2Felsewhere.example")]
    [InlineData("state=%7B%22room%22%3A%22%2F%2Felsewhere.example%22%7D")]
    public async Task A_login_leads_back_to_a_room_of_this_server_or_does_not_begin(string query)
    {
        await using var scene = await Scene.StartAsync();
        using var outcomes = new Outcomes();
        var page = await scene.Browser.BeginAsync(query);
        Assert.Equal((HttpStatusCode.BadRequest, (string?)null, 1L), (page.Status, page.Location, outcomes["oidc_address"]));
    }

    [Theory]
    [InlineData("room=standup&return=https://elsewhere.example&redirect_uri=https://elsewhere.example", "https://meet.example/standup?jwt=")]
    [InlineData("room=Caf%C3%A9%20am%20Markt", "https://meet.example/Caf%C3%A9%20am%20Markt?jwt=")]
    [InlineData("room=Caf%25C3%25A9", "https://meet.example/Caf%C3%A9?jwt=")]
    [InlineData("room=elsewhere.example", "https://meet.example/elsewhere.example?jwt=")]
    [InlineData("room=%40elsewhere.example", "https://meet.example/%40elsewhere.example?jwt=")]
    [InlineData("tenant=acme&state={state}&room=standup", "https://meet.example/acme/standup?jwt=")]
    [InlineData("state=%7B%22room%22%3A%22standup%22%2C%22ios%22%3Atrue%7D", "org.jitsi.meet://meet.example/standup?jwt=")]
    [InlineData("state=%7B%22room%22%3A%22standup%22%2C%22tenant%22%3A%22acme%22%2C%22android%22%3A%22true%22%7D", "org.jitsi.meet://meet.example/acme/standup?jwt=")]
    public async Task A_login_comes_back_to_its_room_and_nowhere_else(string query, string address)
    {
        await using var scene = await Scene.StartAsync();
        var page = await scene.LogInAsync(claims => claims, query: query);
        Assert.StartsWith(address, page.Location);
    }

    private static string Hmac(JsonObject claims, byte[] key)
    {
        var signed = $"{HostileProvider.Encode(new JsonObject { ["alg"] = "HS256", ["typ"] = "JWT", ["kid"] = HostileProvider.KeyId })}.{HostileProvider.Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Changed(string token)
    {
        var parts = token.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        claims["groups"] = new JsonArray("hosts");
        return $"{parts[0]}.{HostileProvider.Encode(claims)}.{parts[2]}";
    }
}

/// <summary>A service, a provider that says what it is told to say, and a browser.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly Folder _folder = new();

    private Scene(HostileProvider provider) => Provider = provider;

    public HostileProvider Provider { get; }

    public ShiftedTime Time { get; } = new();

    public OidcHost Host { get; private set; } = null!;

    public Browser Browser { get; private set; } = null!;

    /// <summary>With a service that knows the provider's description already.</summary>
    public static async Task<Scene> StartAsync(params (string Name, string Value)[] values)
    {
        var scene = await StartColdAsync(values);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await scene.Browser.BeginAsync()).Location is null) await Task.Delay(100, limit.Token);
        return scene;
    }

    public static async Task<Scene> StartColdAsync(params (string Name, string Value)[] values)
    {
        var scene = new Scene(await HostileProvider.StartAsync());
        scene.Host = await OidcHost.StartAsync(scene.Provider.Issuer, scene._folder.Path, time: scene.Time, values: values);
        scene.Browser = new Browser(scene.Host);
        return scene;
    }

    /// <summary>A login that the provider answers with such claims, signed in a way of the test's own.</summary>
    public async Task<Page> LogInAsync(Func<JsonObject, JsonObject> change, Func<JsonObject, string>? sign = null, string query = "room=standup")
    {
        var begun = await Browser.BeginAsync(query);
        return await CallbackAsync(begun, change(Provider.Claims(begun.Parameter("nonce"))), sign);
    }

    /// <summary>A login whose question for the token gets that answer.</summary>
    public async Task<Page> LogInAsync(Reply reply)
    {
        Provider.Token = () => reply;
        return await ReturnAsync(await Browser.BeginAsync());
    }

    public Task<Page> CallbackAsync(Page begun, JsonObject claims, Func<JsonObject, string>? sign = null)
    {
        var token = (sign ?? (c => Provider.Sign(c)))(claims);
        Provider.Token = () => Reply.Json(HostileProvider.TokenAnswer(token));
        return ReturnAsync(begun);
    }

    public Task<Page> ReturnAsync(Page begun) => Browser.GetAsync($"{OidcHost.PublicUrl}/oidc/callback?code=c&state={Uri.EscapeDataString(begun.Parameter("state"))}");

    /// <summary>Demands a refusal: one sentence on a page, counted once under one reason, nobody let in.</summary>
    public async Task<Page> RefusedAsync(string? reason, Func<Task<Page>> login)
    {
        using var outcomes = new Outcomes();
        var page = await login();
        Assert.Equal((null, null), (page.Token, page.Location));
        Assert.NotNull(page.Sentence);
        Assert.True((int)page.Status is >= 400 and < 600, page.Status.ToString());
        var counted = Assert.Single(outcomes.All);
        Assert.Equal(1, counted.Value);
        if (reason is not null) Assert.Equal(reason, counted.Key);
        Assert.NotEqual("oidc_admitted", counted.Key);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        Browser.Dispose();
        await Host.DisposeAsync();
        await Provider.DisposeAsync();
        _folder.Dispose();
    }
}

using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using JitsiMesh.Auth.Tests.Oidc.Kit;
using Xunit.Abstractions;

namespace JitsiMesh.Auth.Tests.Oidc;

/// <summary>Thousands of answers that were changed a little or much: nobody is let in by another token than the one that the provider signed, nothing throws, and each refusal is counted.</summary>
[Collection(OidcTurns.Name)]
public sealed class OidcMutationTests(ITestOutputHelper output)
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("MESH_TEST_MODE") switch { "full" => 100_000, "ci" => 20_000, _ => 10_000 };

    [Fact]
    public async Task Changed_answers_let_nobody_in_and_each_is_counted()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var scene = await Scene.StartAsync();
        using var outcomes = new Outcomes();
        var begun = await scene.Browser.BeginAsync();
        var (state, nonce) = (begun.Parameter("state"), begun.Parameter("nonce"));
        var good = scene.Provider.Sign(scene.Provider.Claims(nonce));
        var answer = Encoding.UTF8.GetBytes(HostileProvider.TokenAnswer(good).ToJsonString());
        var person = Encoding.UTF8.GetBytes("""{"sub":"ann","name":"Ann","groups":["a","b"]}""");
        var admitted = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var (token, user, query) = (answer, person, $"code=c&state={Uri.EscapeDataString(state)}");
            var kind = round % 5;
            if (kind == 0) token = Mutate(answer, random);
            else if (kind == 1) token = Encoding.UTF8.GetBytes(HostileProvider.TokenAnswer(MutateToken(good, random)).ToJsonString());
            else if (kind == 2) token = Encoding.UTF8.GetBytes(HostileProvider.TokenAnswer(scene.Provider.Sign(MutateClaims(scene.Provider.Claims(nonce), random))).ToJsonString());
            else if (kind == 3) user = Mutate(person, random);
            else query = Encoding.ASCII.GetString(Mutate(Encoding.ASCII.GetBytes(query), random, letters: true));
            scene.Provider.Token = () => new Reply(random.Next(12) == 0 && kind == 0 ? random.Next(200, 600) : 200, "application/json", token);
            scene.Provider.UserInfo = () => new Reply(200, "application/json", user);

            // A copy of the cookies for each: what was used once is taken away.
            using var browser = scene.Browser.Copy();
            var page = await browser.GetAsync($"{OidcHost.PublicUrl}/oidc/callback?{query}");
            if (page.Token is null)
            {
                Assert.True(page.Sentence is not null, $"seed {seed}, round {round}: {(int)page.Status} without a sentence");
                continue;
            }

            admitted++;
            var harmless = kind switch
            {
                0 => IsSame(token, "id_token", good),
                1 => IsSame(token, "id_token", good),
                3 => IsSame(user, "sub", "ann"),
                4 => Decoded(System.Web.HttpUtility.ParseQueryString(query)["state"] ?? "") == Decoded(state) && System.Web.HttpUtility.ParseQueryString(query)["code"] is { Length: > 0 },
                _ => false,
            };
            Assert.True(harmless, $"seed {seed}, round {round}: let in by {Encoding.UTF8.GetString(kind == 3 ? user : token)} and {query}");
        }

        foreach (var (reason, count) in outcomes.All) output.WriteLine($"{reason} {count}");
        Assert.Equal(Rounds, outcomes.Sum);
        Assert.Equal(admitted, outcomes["oidc_admitted"]);
        Assert.True(outcomes.All.Count() >= 8, "too few kinds of refusals to mean anything");
        Assert.Equal(0, outcomes["oidc_failed"]);
    }

    // A changed claim that the login needs: none of these is good.
    private static JsonObject MutateClaims(JsonObject claims, Random random)
    {
        JsonNode?[] values = [null, "", "x", 0, -1, 1e300, true, new JsonArray(), new JsonArray("x"), new JsonObject(), new string('y', random.Next(1, 3000)), "\u0000", "jitsi2"];
        var name = new[] { "iss", "aud", "nonce", "exp", "sub" }[random.Next(5)];
        if (random.Next(4) == 0) claims.Remove(name);
        else claims[name] = name == "exp" ? new JsonNode?[] { null, 0, -5, 1000, "soon", false, new JsonArray(), new JsonObject() }[random.Next(8)] : values[random.Next(values.Length)];
        return claims;
    }

    private static string MutateToken(string token, Random random)
    {
        var parts = token.Split('.');
        switch (random.Next(5))
        {
            case 0:
                return string.Join('.', parts.Take(random.Next(3)));
            case 1:
                return string.Join('.', parts.Append("x"));
            case 2:
                return $"{HostileProvider.Encode(new JsonObject { ["alg"] = new[] { "none", "HS256", "RS512", "ES256", "PS256", "", "rs256" }[random.Next(7)], ["typ"] = "JWT", ["kid"] = HostileProvider.KeyId })}.{parts[1]}.{(random.Next(2) == 0 ? "" : parts[2])}";
            default:
                var which = random.Next(3);
                parts[which] = Encoding.ASCII.GetString(Mutate(Encoding.ASCII.GetBytes(parts[which]), random, letters: true));
                return string.Join('.', parts);
        }
    }

    private static byte[] Mutate(byte[] octets, Random random, bool letters = false)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=%&.+ ";
        byte Any() => letters ? (byte)Letters[random.Next(Letters.Length)] : (byte)random.Next(256);
        var list = octets.ToList();
        for (var changes = random.Next(1, 4); changes > 0 && list.Count > 1; changes--)
        {
            var at = random.Next(list.Count);
            switch (random.Next(5))
            {
                case 0:
                    list.RemoveRange(at, Math.Min(list.Count - at, random.Next(1, 40)));
                    break;
                case 1:
                    list.Insert(at, Any());
                    break;
                case 2:
                    list.RemoveRange(at, list.Count - at);
                    break;
                default:
                    list[at] = Any();
                    break;
            }
        }

        return [.. list];
    }

    // Whether a changed answer still says that one thing: with other blanks, or in a part that nobody reads.
    private static bool IsSame(byte[] answer, string name, string expected)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            if (!json.RootElement.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String) return false;
            var text = value.GetString()!;
            return text == expected || (name == "id_token" && Decoded(text) == Decoded(expected));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // The last character of base64url has bits that say nothing, and blanks are not looked at.
    private static string Decoded(string token) => string.Join('.', string.Concat(token.Where(c => !char.IsWhiteSpace(c))).Split('.').Select(part =>
    {
        try
        {
            return Convert.ToHexString(Convert.FromBase64String(part.TrimEnd('=').Replace('-', '+').Replace('_', '/').PadRight((part.TrimEnd('=').Length + 3) / 4 * 4, '=')));
        }
        catch (FormatException)
        {
            return part;
        }
    }));
}

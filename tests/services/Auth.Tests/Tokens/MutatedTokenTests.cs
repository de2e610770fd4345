using System.Buffers.Text;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;
using static JitsiMesh.Auth.Tests.Tokens.TokenMint;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>
/// Tokens that were changed on their way let nobody in, throw nothing, and are counted each under a reason: 10,000, and 100,000 where <c>MESH_TEST_MODE</c> is <c>full</c>.
/// <c>TOKEN_SEED</c> repeats a run.
/// </summary>
public sealed class MutatedTokenTests(ITestOutputHelper output)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \0é";

    private static int Count => Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full" ? 100_000 : 10_000;

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("TOKEN_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Environment.ProcessId;

    [Fact]
    public async Task No_changed_token_lets_anybody_in()
    {
        var random = new Random(Seed);
        output.WriteLine($"TOKEN_SEED={Seed}");
        var good = new[]
        {
            Hmac(Payload()),
            Hmac(Payload(("context", """{"user":{"id":"u","name":"Ann","moderator":true},"features":{"recording":true}}""")), """{"typ":"JWT","alg":"HS512","kid":"k"}""", hash: System.Security.Cryptography.HashAlgorithmName.SHA512),
            Hmac(Payload(("room", "\"*\""), ("aud", """["a","b"]"""))),
        };
        await using var service = TokenService.WithSecret();
        foreach (var token in good) Assert.Equal("admitted", await service.OutcomeAsync(token));
        var counted = 0L;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "jitsimesh.auth.admissions") l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "outcome" && tag.Value is string { Length: > 0 } outcome && outcome.StartsWith("token_", StringComparison.Ordinal)) Interlocked.Add(ref counted, value);
            }
        });
        listener.Start();

        var reasons = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Count; i++)
        {
            var token = Mutate(good[random.Next(good.Length)], good[random.Next(good.Length)], random);
            if (good.Contains(token)) continue;
            var answer = await service.AdmitAsync(token);
            Assert.True(answer.Refused is { Reason.Length: > 0, Condition.Length: > 0 }, $"let in: {token}");
            reasons[answer.Refused.Reason] = reasons.GetValueOrDefault(answer.Refused.Reason) + 1;
        }

        output.WriteLine(string.Join(", ", reasons.Select(r => $"{r.Key} {r.Value}")));
        Assert.True(Interlocked.Read(ref counted) >= reasons.Values.Sum());
        Assert.True(reasons.Values.Sum() > Count * 9 / 10);
        Assert.True(reasons.Count >= 5);
    }

    [Fact]
    public async Task What_is_signed_may_be_anything_and_throws_nothing()
    {
        var random = new Random(Seed);
        var payload = Payload(("nbf", Number(0)), ("context", """{"tenant":"t","group":"g","room":{"regex":true},"features":{"recording":true},"user":{"id":"u","name":"Ann \ud83d\ude00","affiliation":"owner","moderator":"true"}}"""));
        await using var service = TokenService.WithSecret();
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Count; i++)
        {
            var octets = Encoding.UTF8.GetBytes(payload);
            for (var changes = random.Next(1, 4); changes > 0; changes--) octets = MutateJson(octets, random);
            var token = Sign("""{"typ":"JWT","alg":"HS256"}"""u8.ToArray(), octets, signed => System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed));
            var answer = await service.AdmitAsync(token);
            var outcome = answer.Refused?.Reason ?? (answer.Admitted.Context.Length > 0 ? "admitted" : "guest");
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        output.WriteLine($"TOKEN_SEED={Seed}: " + string.Join(", ", outcomes.Select(o => $"{o.Key} {o.Value}")));
        Assert.False(outcomes.ContainsKey("guest"));
        Assert.False(outcomes.ContainsKey(""));
        Assert.True(outcomes.Count >= 6);
    }

    private static string Mutate(string token, string other, Random random)
    {
        var text = new StringBuilder(token);
        switch (random.Next(9))
        {
            case 0: text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)]; break;
            case 1: text.Remove(random.Next(text.Length), 1); break;
            case 2: text.Insert(random.Next(text.Length + 1), Alphabet[random.Next(Alphabet.Length)]); break;
            case 3: return token[..random.Next(1, token.Length)];
            case 4: return token[random.Next(1, token.Length)..];
            case 5:
                // Parts of two tokens.
                var (a, b) = (token.Split('.'), other.Split('.'));
                var parts = Enumerable.Range(0, 3).Select(i => random.Next(2) == 0 ? a[i] : b[i]).ToArray();
                return string.Join('.', parts) is var mixed && (mixed == token || mixed == other) ? mixed + "A" : mixed;
            case 6:
                // Another header or payload below the same signature.
                var whole = token.Split('.');
                var part = random.Next(2);
                whole[part] = Base64Url.EncodeToString(MutateJson(Base64Url.DecodeFromChars(whole[part]), random));
                return string.Join('.', whole);
            case 7:
                string[] headers = ["""{"typ":"JWT","alg":"none"}""", """{"typ":"JWT","alg":"RS256","kid":"k"}""", """{"typ":"JWT"}""", """{"alg":"HS256"}""", "null", "[]", "{}", """{"typ":"JWT","alg":"HS256","crit":[]}"""];
                return $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(headers[random.Next(headers.Length)]))}{token[token.IndexOf('.', StringComparison.Ordinal)..]}";
            default:
                for (var i = random.Next(2, 20); i > 0; i--) text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
                break;
        }

        return text.ToString();
    }

    private static byte[] MutateJson(byte[] json, Random random)
    {
        var list = json.ToList();
        string[] pieces = ["null", "true", "1e400", "-1", "\"\"", "\"\\ud800\"", "{}", "[]", "[[[[", ",", "\"room\":\"x\",", "\\u0000", "\u00ff", "9999999999999999999999"];
        var at = random.Next(list.Count);
        switch (random.Next(4))
        {
            case 0: list[at] = (byte)random.Next(256); break;
            case 1: list.RemoveRange(at, Math.Min(random.Next(1, 12), list.Count - at)); break;
            case 2: list.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)])); break;
            default:
                // The value behind a colon.
                var colon = list.IndexOf((byte)':', at);
                if (colon < 0) break;
                var end = list.FindIndex(colon, octet => octet is (byte)',' or (byte)'}');
                if (end < 0) break;
                list.RemoveRange(colon + 1, end - colon - 1);
                list.InsertRange(colon + 1, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
                break;
        }

        return list.Count == 0 ? [0] : [.. list];
    }
}

using System.Security.Cryptography;
using System.Text;
using static JitsiMesh.Auth.Tests.Tokens.TokenMint;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>One token a row, with its exact outcome: the condition and text that reach the client, and the reason that is counted.</summary>
public sealed class TokenTableTests
{
    private const string Good = "admitted";
    private const string Signature = "not-allowed|Invalid signature|token_signature";
    private const string Format = "not-allowed|bad token format|token_malformed";
    private const string Algorithm = "not-allowed|Invalid or incorrect alg|token_algorithm";
    private const string Context = "not-allowed|invalid 'context' claim|token_context";

    private static readonly Dictionary<string, (Func<string> Token, string Outcome)> Rows = new(StringComparer.Ordinal)
    {
        ["good HS256"] = (() => Hmac(Payload()), Good),
        ["good HS384"] = (() => Hmac(Payload(), """{"alg":"HS384","typ":"JWT"}""", hash: HashAlgorithmName.SHA384), Good),
        ["good HS512"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"HS512","kid":"whatever"}""", hash: HashAlgorithmName.SHA512), Good),
        ["any room"] = (() => Hmac(Payload(("room", "\"*\""))), Good),

        // The form.
        ["no token"] = (() => "", "not-allowed|token required|token_required"),
        ["a word"] = (() => "token", "not-allowed|Invalid token|token_malformed"),
        ["two parts"] = (() => Hmac(Payload())[..Hmac(Payload()).LastIndexOf('.')], "not-allowed|Invalid token|token_malformed"),
        ["four parts"] = (() => Hmac(Payload()) + ".x", "not-allowed|Invalid token|token_malformed"),
        ["five parts of an encrypted token"] = (() => "a.b.c.d.e", "not-allowed|Invalid token|token_malformed"),
        ["too long"] = (() => Hmac(Payload(("x", $"\"{new string('x', 9000)}\""))), "not-allowed|Invalid token|token_malformed"),
        ["a header that is no JSON"] = (() => Hmac(Payload(), "typ=JWT"), Format),
        ["a header that is a list"] = (() => Hmac(Payload(), """["JWT","HS256"]"""), Format),
        ["a header with padding"] = (() => Hmac(Payload()).Replace(".", "=.", StringComparison.Ordinal), Format),
        ["a header with a name twice"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"HS256","alg":"none"}"""), Format),
        ["a header with a name twice, once escaped"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"HS256","\u0061lg":"none"}"""), Format),
        ["a header with half a surrogate pair"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"HS256","x":"\ud800"}"""), Format),
        ["a payload that is no JSON"] = (() => Hmac("iss=app"), Format),
        ["a payload with a name twice"] = (() => Hmac("""{"room":"a",""" + Payload()[1..]), Format),
        ["a payload with half a surrogate pair"] = (() => Hmac(Payload(("context", """{"user":{"name":"\udc00"}}"""))), Format),
        ["a payload with half a surrogate pair in a name"] = (() => Hmac(Payload(("\\ud800", "1"))), Format),
        ["a payload with something behind it"] = (() => Hmac(Payload() + "{}"), Format),
        ["a payload that is cut off"] = (() => Hmac(Payload()[..^1]), Format),
        ["a payload that is no UTF-8"] = (() => Sign(Encoding.UTF8.GetBytes("""{"typ":"JWT","alg":"HS256"}"""), [.. Encoding.UTF8.GetBytes(Payload(("x", "\"")))[..^1], 0xff, 0x22, 0x7d], Sealed), Format),
        ["a payload that is nested too deep"] = (() => Hmac(Payload(("x", new string('[', 40) + new string(']', 40)))), Format),
        ["a payload with too many values"] = (() => Hmac(Payload(("x", "[" + string.Join(',', Enumerable.Repeat("1", 1100)) + "]"))), Format),

        // The header.
        ["no typ"] = (() => Hmac(Payload(), """{"alg":"HS256"}"""), "not-allowed|Invalid typ|token_type"),
        ["typ in small letters"] = (() => Hmac(Payload(), """{"typ":"jwt","alg":"HS256"}"""), "not-allowed|Invalid typ|token_type"),
        ["typ of another kind of token"] = (() => Hmac(Payload(), """{"typ":"at+jwt","alg":"HS256"}"""), "not-allowed|Invalid typ|token_type"),
        ["no alg"] = (() => Hmac(Payload(), """{"typ":"JWT"}"""), "not-allowed|'alg' claim is missing|token_algorithm"),
        ["alg none"] = (() => Sign("""{"typ":"JWT","alg":"none"}""", Payload(), _ => []), Algorithm),
        ["alg None"] = (() => Sign("""{"typ":"JWT","alg":"None"}""", Payload(), _ => []), Algorithm),
        ["alg none with a good signature"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"none"}"""), Algorithm),
        ["alg in small letters"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"hs256"}"""), Algorithm),
        ["alg that is no text"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":256}"""), Algorithm),
        ["alg of a public key where a secret is set"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"RS256","kid":"k"}"""), Algorithm),
        ["alg EdDSA"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"EdDSA"}"""), Algorithm),
        ["crit"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"HS256","crit":["b64"],"b64":false}"""), "not-allowed|unsupported 'crit' header|token_crit"),
        ["crit that is null"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"HS256","crit":null}"""), "not-allowed|unsupported 'crit' header|token_crit"),
        ["a secret that the token brings along"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"HS256","jwk":{"kty":"oct","k":"YXR0YWNrZXI"}}""", "attacker"), Signature),
        ["an address that the token brings along"] = (() => Hmac(Payload(), """{"typ":"JWT","alg":"HS256","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/"}""", "attacker"), Signature),

        // The signature.
        ["another secret"] = (() => Hmac(Payload(), secret: "another-secret-of-some-length-00"), Signature),
        ["no signature"] = (() => Sign("""{"typ":"JWT","alg":"HS256"}""", Payload(), _ => []), Signature),
        ["a signature that is cut off"] = (() => Sign("""{"typ":"JWT","alg":"HS256"}""", Payload(), signed => Sealed(signed)[..16]), Signature),
        ["a signature with another last character of the same octets"] = (() => Hmac(Payload()) is var token && "AEIMQUYcgkosw048".Contains(token[^1], StringComparison.Ordinal) ? token[..^1] + (char)(token[^1] + 1) : "", Signature),
        ["a signature that is no base64url"] = (() => Hmac(Payload())[..^3] + "+/=", Signature),
        ["another payload below a good signature"] = (() => Hmac(Payload()).Split('.') is var a && Hmac(Payload(("room", "\"*\""))).Split('.') is var b ? $"{a[0]}.{b[1]}.{a[2]}" : "", Signature),
        ["HS384 where the header says HS256"] = (() => Hmac(Payload(), hash: HashAlgorithmName.SHA384), Signature),

        // The times. The leeway is 10 s.
        ["expired"] = (() => Hmac(Payload(("exp", Number(-60)))), "not-allowed|Not acceptable by exp (60 sec since expired)|token_expired"),
        ["expired, with iat"] = (() => Hmac(Payload(("exp", Number(-60)), ("iat", Number(-3660)))), "not-allowed|Not acceptable by exp (60 sec since expired, valid for:3600 sec)|token_expired"),
        ["expired within the leeway"] = (() => Hmac(Payload(("exp", Number(-9)))), Good),
        ["expired at the end of the leeway"] = (() => Hmac(Payload(("exp", Number(-10)))), "not-allowed|Not acceptable by exp (10 sec since expired)|token_expired"),
        ["no exp"] = (() => Hmac(Payload(("exp", null))), "not-allowed|'exp' claim is missing|token_no_expiry"),
        ["exp that is a text"] = (() => Hmac(Payload(("exp", $"\"{Number(60)}\""))), "not-allowed|exp must be number|token_malformed"),
        ["exp beyond all numbers"] = (() => Hmac(Payload(("exp", "1e999"))), "not-allowed|exp must be number|token_malformed"),
        ["exp with a fraction"] = (() => Hmac(Payload(("exp", Number(60) + ".5"))), Good),
        ["not yet"] = (() => Hmac(Payload(("nbf", Number(60)))), "not-allowed|Not acceptable by nbf|token_not_yet"),
        ["not yet within the leeway"] = (() => Hmac(Payload(("nbf", Number(10)))), Good),
        ["nbf that is a text"] = (() => Hmac(Payload(("nbf", "\"soon\""))), "not-allowed|nbf must be number|token_malformed"),

        // Issuer and audience.
        ["no iss"] = (() => Hmac(Payload(("iss", null))), "not-allowed|'iss' claim is missing|token_issuer"),
        ["another iss"] = (() => Hmac(Payload(("iss", "\"other\""))), "not-allowed|invalid 'iss' claim|token_issuer"),
        ["iss in capital letters"] = (() => Hmac(Payload(("iss", "\"APP\""))), "not-allowed|invalid 'iss' claim|token_issuer"),
        ["iss that is a list"] = (() => Hmac(Payload(("iss", "[\"app\"]"))), "not-allowed|invalid 'iss' claim|token_issuer"),
        ["no aud"] = (() => Hmac(Payload(("aud", null))), "not-allowed|'aud' claim is missing|token_audience"),
        ["aud that is a number"] = (() => Hmac(Payload(("aud", "1"))), "not-allowed|invalid 'aud' claim|token_audience"),
        ["aud that is an empty list"] = (() => Hmac(Payload(("aud", "[]"))), "not-allowed|invalid 'aud' claim|token_audience"),
        ["aud that is a list"] = (() => Hmac(Payload(("aud", """["a","b"]"""))), Good),

        // Where it is good for.
        ["no room"] = (() => Hmac(Payload(("room", null))), "not-authorized||token_room"),
        ["room that is null"] = (() => Hmac(Payload(("room", "null"))), "not-authorized||token_room"),
        ["room that is empty"] = (() => Hmac(Payload(("room", "\"\""))), "not-authorized||token_room"),
        ["room that is a list"] = (() => Hmac(Payload(("room", "[\"standup\"]"))), "not-authorized||token_room"),
        ["no sub"] = (() => Hmac(Payload(("sub", null))), "not-authorized||token_subject"),
        ["sub that is a number"] = (() => Hmac(Payload(("sub", "7"))), "not-authorized||token_subject"),

        // Whom it speaks of.
        ["context that is a text"] = (() => Hmac(Payload(("context", "\"x\""))), Context),
        ["context.user that is a text"] = (() => Hmac(Payload(("context", """{"user":"ann"}"""))), Context),
        ["context.user.name that is an object"] = (() => Hmac(Payload(("context", """{"user":{"name":{}}}"""))), Context),
        ["context.user.name with a character that XML cannot carry"] = (() => Hmac(Payload(("context", """{"user":{"name":"a\u0000b"}}"""))), Context),
        ["context.features that is a list"] = (() => Hmac(Payload(("context", """{"features":["recording"]}"""))), Context),
        ["context.group that is an object"] = (() => Hmac(Payload(("context", """{"group":{}}"""))), Context),
        ["context.tenant that is a number"] = (() => Hmac(Payload(("context", """{"tenant":1}"""))), Context),
        ["context.room.regex that is a number"] = (() => Hmac(Payload(("context", """{"room":{"regex":1}}"""))), Context),
        ["context and its parts that are null"] = (() => Hmac(Payload(("context", """{"user":null,"group":null,"features":null,"room":null}"""))), Good),
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_token_has_exactly_this_outcome(string row)
    {
        await using var service = TokenService.WithSecret();

        Assert.Equal(Rows[row].Outcome, await service.OutcomeAsync(Rows[row].Token()));
    }

    [Fact]
    public void The_table_is_long_enough() => Assert.True(Rows.Count > 60);

    private static byte[] Sealed(byte[] signed) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed);
}

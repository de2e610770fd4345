using System.Buffers.Text;
using System.Text.Json;
using JitsiMesh.Auth.Tokens;
using JitsiMesh.Auth.Tokens.Keys;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>The signed examples of RFC 7515, appendix A.1 to A.5.</summary>
public sealed class SignatureVectorTests
{
    private const string Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    private const string HmacHeader = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
    private const string HmacSecret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    private const string HmacSignature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    private const string RsaModulus = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    private const string RsaSignature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    private static readonly Dictionary<string, (string Jwk, string Token)> Vectors = new(StringComparer.Ordinal)
    {
        ["A.2"] = ($$"""{"kty":"RSA","n":"{{RsaModulus}}","e":"AQAB"}""", $"eyJhbGciOiJSUzI1NiJ9.{Payload}.{RsaSignature}"),
        ["A.3"] = ("""{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""",
            $"eyJhbGciOiJFUzI1NiJ9.{Payload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"),
        ["A.4"] = ("""{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}""",
            "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"),
    };

    [Fact]
    public void A_1_HMAC()
    {
        var key = new SharedKey(Base64Url.DecodeFromChars(HmacSecret));

        Assert.True(Verifies(key, $"{HmacHeader}.{Payload}.{HmacSignature}"));
        Assert.False(Verifies(key, $"{HmacHeader}.{Payload}.A{HmacSignature[1..]}"));
    }

    [Theory]
    [InlineData("A.2")]
    [InlineData("A.3")]
    [InlineData("A.4")]
    public void A_2_to_A_4_public_keys(string vector)
    {
        var (jwk, token) = Vectors[vector];
        var key = KeyReader.FromJwk(JsonDocument.Parse(jwk).RootElement)!;

        Assert.True(Verifies(key, token));
        var at = token.IndexOf('.', StringComparison.Ordinal) + 3;
        Assert.False(Verifies(key, token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..]));
    }

    [Fact]
    public void A_5_unsecured_tokens_have_no_algorithm()
    {
        Assert.True(CompactToken.TryRead($"eyJhbGciOiJub25lIn0.{Payload}.", out var token, out _));
        Assert.Null(TokenAlgorithm.Find(token.Header.GetProperty("alg").GetString()!));
    }

    private static bool Verifies(TokenKey key, string text)
    {
        if (!CompactToken.TryRead(text, out var token, out _)) return false;
        var algorithm = TokenAlgorithm.Find(token.Header.GetProperty("alg").GetString()!)!;
        return key.Serves(algorithm) && key.Verify(algorithm, token.Signed, token.Signature);
    }
}

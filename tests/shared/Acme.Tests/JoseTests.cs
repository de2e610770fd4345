using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JitsiMesh.Acme.Jose;

namespace JitsiMesh.Acme.Tests;

public sealed class JoseTests
{
    [Fact]
    public void A_request_is_a_flattened_signature_with_the_members_of_RFC_8555()
    {
        using var key = AcmeKey.Create();
        var url = new Uri("https://ca.example/new-order?a=1");
        using var jws = JsonDocument.Parse(SignedRequest.Create(key, new Uri("https://ca.example/account/1"), "n0nce", url, "{\"a\":1}"));
        Assert.Equal(["protected", "payload", "signature"], jws.RootElement.EnumerateObject().Select(m => m.Name));
        Assert.Equal("""{"alg":"ES256","kid":"https://ca.example/account/1","nonce":"n0nce","url":"https://ca.example/new-order?a=1"}""", Text(jws, "protected"));
        Assert.Equal("{\"a\":1}", Text(jws, "payload"));
        Assert.Equal(64, Base64Url.DecodeFromChars(jws.RootElement.GetProperty("signature").GetString()).Length);

        using var first = JsonDocument.Parse(SignedRequest.Create(key, null, "n", url, ""));
        using var header = JsonDocument.Parse(Text(first, "protected"));
        Assert.False(header.RootElement.TryGetProperty("kid", out _));
        Assert.Equal(key.Jwk, header.RootElement.GetProperty("jwk").GetRawText());
        Assert.Equal("", first.RootElement.GetProperty("payload").GetString());
    }

    [Fact]
    public void The_signature_is_that_of_the_key_over_header_and_payload()
    {
        using var key = AcmeKey.Create();
        using var verifier = ECDsa.Create();
        verifier.ImportFromPem(key.ExportPem());
        using var jws = JsonDocument.Parse(SignedRequest.Create(key, null, "n", new Uri("https://ca.example/x"), "{}"));
        var signed = Encoding.ASCII.GetBytes(jws.RootElement.GetProperty("protected").GetString() + "." + jws.RootElement.GetProperty("payload").GetString());
        var signature = Base64Url.DecodeFromChars(jws.RootElement.GetProperty("signature").GetString());
        Assert.True(verifier.VerifyData(signed, signature, HashAlgorithmName.SHA256));
        signed[3] ^= 1;
        Assert.False(verifier.VerifyData(signed, signature, HashAlgorithmName.SHA256));
    }

    // The key of RFC 7517 appendix A.1; its thumbprint by the rule of RFC 7638 section 3 is the SHA-256 of this text.
    [Fact]
    public void The_thumbprint_is_the_hash_of_the_members_in_their_order()
    {
        using var ec = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"), Y = Base64Url.DecodeFromChars("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM") },
            D = Base64Url.DecodeFromChars("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"),
        });
        using var key = AcmeKey.FromPem(ec.ExportPkcs8PrivateKeyPem());
        const string Text = """{"crv":"P-256","kty":"EC","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}""";
        Assert.Equal(Text, key.Jwk);
        Assert.Equal("cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s", key.Thumbprint);
        Assert.Equal("token." + key.Thumbprint, key.KeyAuthorization("token"));
    }

    [Fact]
    public void A_key_of_another_kind_is_refused()
    {
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var pem in new[] { rsa.ExportPkcs8PrivateKeyPem(), p384.ExportPkcs8PrivateKeyPem(), p256.ExportSubjectPublicKeyInfoPem(), "", "-----BEGIN PRIVATE KEY-----\nAAAA" })
        {
            Assert.Throws<CryptographicException>(() => AcmeKey.FromPem(pem));
        }
    }

    private static string Text(JsonDocument jws, string member) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(jws.RootElement.GetProperty(member).GetString()));
}

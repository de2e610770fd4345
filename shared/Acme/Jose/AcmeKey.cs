using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Acme.Jose;

/// <summary>The key of an account: ECDSA on P-256, which signs as ES256 (RFC 7518 section 3.4).</summary>
public sealed class AcmeKey : IDisposable
{
    private const int KeyBits = 256;
    private readonly ECDsa _key;

    private AcmeKey(ECDsa key)
    {
        _key = key;
        var point = key.ExportParameters(includePrivateParameters: false).Q;

        // The members that RFC 7638 section 3.2 requires, in its order: the JWK that is sent is also the one that is hashed.
        Jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
        Thumbprint = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Jwk)));
    }

    /// <summary>The public part as a JSON Web Key (RFC 7517).</summary>
    public string Jwk { get; }

    /// <summary>Its thumbprint (RFC 7638), in base64url.</summary>
    public string Thumbprint { get; }

    public static AcmeKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="CryptographicException">The text is no P-256 key with its private part.</exception>
    public static AcmeKey FromPem(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            var parameters = key.ExportParameters(includePrivateParameters: true);
            if (key.KeySize != KeyBits || parameters.D is null) throw new CryptographicException("The key is not an ECDSA key on P-256 with its private part.");
            return new AcmeKey(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw e as CryptographicException ?? new CryptographicException("The text is not a key in PEM.", e);
        }
    }

    /// <summary>PKCS #8 in PEM: secret.</summary>
    public string ExportPem() => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>The key authorization, which proves control of a name (RFC 8555 section 8.1).</summary>
    public string KeyAuthorization(string token) => token + "." + Thumbprint;

    /// <summary>r and s, 32 octets each.</summary>
    public byte[] Sign(byte[] data) => _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public void Dispose() => _key.Dispose();
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace JitsiMesh.Auth.Tokens.Keys;

/// <summary>Parses the keys of key servers. Null for anything but a public key that may sign tokens.</summary>
internal static class KeyReader
{
    /// <summary>A public key or a certificate as PEM (RFC 7468). A private key is refused, since its server has disclosed it.</summary>
    public static TokenKey? FromPem(string pem)
    {
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal)) return null;
        try
        {
            if (pem.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
            {
                using var certificate = X509Certificate2.CreateFromPem(pem);
                using var rsaOfCertificate = certificate.GetRSAPublicKey();
                if (rsaOfCertificate is not null) return Of(rsaOfCertificate);
                using var ecOfCertificate = certificate.GetECDsaPublicKey();
                return ecOfCertificate is null ? null : Of(ecOfCertificate);
            }

            return pem.Contains("-----BEGIN RSA PUBLIC KEY-----", StringComparison.Ordinal) ? RsaFromPem(pem) : FromSubjectPublicKeyInfo(pem);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    /// <summary>A JSON Web Key (RFC 7517 section 4, RFC 7518 section 6): RSA or EC, for signatures.</summary>
    public static TokenKey? FromJwk(JsonElement jwk)
    {
        if (jwk.Member("use") is { } use && !(use.ValueKind == JsonValueKind.String && use.ValueEquals("sig"))) return null;
        if (jwk.Member("d") is not null) return null;
        var algorithm = jwk.Member("alg") is { } named ? named.ValueKind == JsonValueKind.String ? named.GetString() : "" : null;
        try
        {
            return (jwk.Member("kty") is { ValueKind: JsonValueKind.String } type ? type.GetString() : null) switch
            {
                "RSA" => Rsa(new RSAParameters { Modulus = Octets(jwk, "n"), Exponent = Octets(jwk, "e") }, algorithm),
                "EC" => Elliptic(jwk, algorithm),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    private static TokenKey? FromSubjectPublicKeyInfo(string pem)
    {
        var fields = PemEncoding.Find(pem);
        if (!pem.AsSpan()[fields.Label].SequenceEqual("PUBLIC KEY")) return null;
        try
        {
            return RsaFromPem(pem);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportFromPem(pem);
            return Of(ecdsa);
        }
    }

    private static RsaKey? RsaFromPem(string pem)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return Of(rsa);
    }

    private static RsaKey? Of(RSA rsa) => Rsa(rsa.ExportParameters(false), null);

    private static RsaKey? Rsa(RSAParameters parameters, string? algorithm)
    {
        if (parameters.Modulus is null || parameters.Exponent is not { Length: > 0 and <= 8 }) return null;
        using var rsa = RSA.Create(parameters);
        return rsa.KeySize is < TokenLimits.RsaBits or > TokenLimits.LargestRsaBits ? null : new RsaKey(parameters) { OnlyFor = algorithm };
    }

    private static EllipticKey? Elliptic(JsonElement jwk, string? algorithm)
    {
        ECCurve? curve = (jwk.Member("crv") is { ValueKind: JsonValueKind.String } named ? named.GetString() : null) switch
        {
            "P-256" => ECCurve.NamedCurves.nistP256,
            "P-384" => ECCurve.NamedCurves.nistP384,
            "P-521" => ECCurve.NamedCurves.nistP521,
            _ => null,
        };
        if (curve is null || Octets(jwk, "x") is not { } x || Octets(jwk, "y") is not { } y) return null;
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = curve.Value, Q = new ECPoint { X = x, Y = y } });
        return Of(ecdsa, algorithm);
    }

    // The import refuses a point that is not on its curve.
    private static EllipticKey? Of(ECDsa ecdsa, string? algorithm = null)
    {
        var parameters = ecdsa.ExportParameters(false);
        return parameters.Curve is { IsNamed: true, Oid.Value: "1.2.840.10045.3.1.7" or "1.3.132.0.34" or "1.3.132.0.35" } ? new EllipticKey(parameters, ecdsa.KeySize) { OnlyFor = algorithm } : null;
    }

    private static byte[]? Octets(JsonElement jwk, string name) =>
        jwk.Member(name) is { ValueKind: JsonValueKind.String } value && CompactToken.TryDecode(value.GetString(), out var octets) && octets.Length > 0 ? octets : null;
}

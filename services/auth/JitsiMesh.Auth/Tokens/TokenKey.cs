using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Auth.Tokens;

/// <summary>A key that verifies tokens. Its kind determines the possible algorithms: a token cannot make an RSA key the secret of an HMAC.</summary>
internal abstract class TokenKey
{
    /// <summary>The only algorithm of the key, if its key set restricts it (RFC 7517 section 4.4); else null.</summary>
    public string? OnlyFor { get; init; }

    public bool Serves(TokenAlgorithm algorithm) => (OnlyFor is null || OnlyFor == algorithm.Name) && Fits(algorithm);

    /// <summary>Whether the signature is valid for this key. Never throws for any token.</summary>
    public abstract bool Verify(TokenAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);

    protected abstract bool Fits(TokenAlgorithm algorithm);

    public sealed override string ToString() => GetType().Name;
}

/// <summary>JWT_APP_SECRET, or the key that this server signs its own tokens with.</summary>
/// <param name="secret">Read for each signature.</param>
/// <param name="octets">Its length; null for a generated one.</param>
internal sealed class SharedKey(Func<byte[]> secret, int? octets = null) : TokenKey
{
    public SharedKey(byte[] secret) : this(() => secret, secret.Length)
    {
    }

    public SharedKey(string secret) : this(Encoding.UTF8.GetBytes(secret))
    {
    }

    public int? Octets => octets;

    public override bool Verify(TokenAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
        algorithm.IsShared && CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(algorithm.Hash, secret(), signed), signature);

    protected override bool Fits(TokenAlgorithm algorithm) => algorithm.IsShared;
}

/// <summary>An RSA public key, for RS and PS.</summary>
internal sealed class RsaKey(RSAParameters parameters) : TokenKey
{
    public override bool Verify(TokenAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (!Fits(algorithm)) return false;

        // A new instance for each signature, since RSA instances are not thread-safe.
        using var rsa = RSA.Create(parameters);
        try
        {
            return rsa.VerifyData(signed, signature, algorithm.Hash, algorithm.Kind == SignatureKind.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    protected override bool Fits(TokenAlgorithm algorithm) => algorithm.Kind is SignatureKind.RsaPkcs1 or SignatureKind.RsaPss;
}

/// <summary>A public key on P-256, P-384 or P-521.</summary>
/// <param name="parameters">The point, on the curve.</param>
/// <param name="curveBits">256, 384 or 521.</param>
internal sealed class EllipticKey(ECParameters parameters, int curveBits) : TokenKey
{
    public override bool Verify(TokenAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (!Fits(algorithm)) return false;
        using var ecdsa = ECDsa.Create(parameters);
        try
        {
            return ecdsa.VerifyData(signed, signature, algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    protected override bool Fits(TokenAlgorithm algorithm) => algorithm.Kind == SignatureKind.Ecdsa && algorithm.CurveBits == curveBits;
}

using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Auth.Tokens;

/// <summary>A key with which tokens are verified. Its kind decides which algorithms it serves: a token cannot make an RSA key the secret of an HMAC.</summary>
internal abstract class TokenKey
{
    /// <summary>The one algorithm that the key is for where its set says so (RFC 7517 section 4.4), or null.</summary>
    public string? OnlyFor { get; init; }

    public bool Serves(TokenAlgorithm algorithm) => (OnlyFor is null || OnlyFor == algorithm.Name) && Fits(algorithm);

    /// <summary>Whether the signature is one of this key. Never throws for what a token brings.</summary>
    public abstract bool Verify(TokenAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);

    protected abstract bool Fits(TokenAlgorithm algorithm);

    public sealed override string ToString() => GetType().Name;
}

/// <summary>JWT_APP_SECRET.</summary>
internal sealed class SharedKey(byte[] secret) : TokenKey
{
    public SharedKey(string secret) : this(Encoding.UTF8.GetBytes(secret))
    {
    }

    public int Octets => secret.Length;

    public override bool Verify(TokenAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature) =>
        algorithm.IsShared && CryptographicOperations.FixedTimeEquals(CryptographicOperations.HmacData(algorithm.Hash, secret, signed), signature);

    protected override bool Fits(TokenAlgorithm algorithm) => algorithm.IsShared;
}

/// <summary>An RSA public key, for RS and PS.</summary>
internal sealed class RsaKey(RSAParameters parameters) : TokenKey
{
    public override bool Verify(TokenAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (!Fits(algorithm)) return false;

        // Of its own for each signature: an instance is not for several threads at once.
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

using System.Collections.Frozen;
using System.Security.Cryptography;

namespace JitsiMesh.Auth.Tokens;

internal enum SignatureKind
{
    /// <summary>HMAC with a shared secret (RFC 7518 section 3.2).</summary>
    Hmac,

    /// <summary>RSASSA-PKCS1-v1_5 (section 3.3).</summary>
    RsaPkcs1,

    /// <summary>ECDSA on the curve of its name (section 3.4).</summary>
    Ecdsa,

    /// <summary>RSASSA-PSS (section 3.5).</summary>
    RsaPss,
}

/// <summary>A signature algorithm of JWS. There is no entry for "none".</summary>
/// <param name="Name">The value of <c>alg</c>.</param>
/// <param name="Kind">The family, which decides the kind of key.</param>
/// <param name="Hash">The hash function.</param>
/// <param name="CurveBits">The size of its curve; 0 without a curve.</param>
internal sealed record TokenAlgorithm(string Name, SignatureKind Kind, HashAlgorithmName Hash, int CurveBits)
{
    private static readonly FrozenDictionary<string, TokenAlgorithm> ByName = new TokenAlgorithm[]
    {
        new("HS256", SignatureKind.Hmac, HashAlgorithmName.SHA256, 0),
        new("HS384", SignatureKind.Hmac, HashAlgorithmName.SHA384, 0),
        new("HS512", SignatureKind.Hmac, HashAlgorithmName.SHA512, 0),
        new("RS256", SignatureKind.RsaPkcs1, HashAlgorithmName.SHA256, 0),
        new("RS384", SignatureKind.RsaPkcs1, HashAlgorithmName.SHA384, 0),
        new("RS512", SignatureKind.RsaPkcs1, HashAlgorithmName.SHA512, 0),
        new("ES256", SignatureKind.Ecdsa, HashAlgorithmName.SHA256, 256),
        new("ES384", SignatureKind.Ecdsa, HashAlgorithmName.SHA384, 384),
        new("ES512", SignatureKind.Ecdsa, HashAlgorithmName.SHA512, 521),
        new("PS256", SignatureKind.RsaPss, HashAlgorithmName.SHA256, 0),
        new("PS384", SignatureKind.RsaPss, HashAlgorithmName.SHA384, 0),
        new("PS512", SignatureKind.RsaPss, HashAlgorithmName.SHA512, 0),
    }.ToFrozenDictionary(a => a.Name, StringComparer.Ordinal);

    public static IEnumerable<TokenAlgorithm> All => ByName.Values;

    public bool IsShared => Kind == SignatureKind.Hmac;

    public static TokenAlgorithm? Find(string name) => ByName.GetValueOrDefault(name);
}

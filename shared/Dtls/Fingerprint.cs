using System.Security.Cryptography;

namespace JitsiMesh.Dtls;

/// <summary>A certificate's fingerprint as signalling carries it (RFC 8122 section 5; XEP-0320).</summary>
/// <param name="Hash">The hash function's name, for example <c>sha-256</c>; letter case does not matter.</param>
/// <param name="Value">Hexadecimal byte pairs with colons between; letter case does not matter.</param>
public readonly record struct Fingerprint(string Hash, string Value)
{
    /// <summary>How strong the function is: 0 for one that we do not know.</summary>
    internal int Strength => Hash?.Trim().ToUpperInvariant() switch
    {
        "SHA-512" => 4,
        "SHA-384" => 3,
        "SHA-256" => 2,
        "SHA-1" => 1,
        _ => 0,
    };

    /// <summary>Upper-case hexadecimal pairs with colons between.</summary>
    public static Fingerprint Sha256(ReadOnlySpan<byte> certificateDer) => new("sha-256", Format(SHA256.HashData(certificateDer)));

    public bool Matches(ReadOnlySpan<byte> certificateDer)
    {
        Span<byte> digest = stackalloc byte[64];
        var length = Strength switch
        {
            4 => SHA512.HashData(certificateDer, digest),
            3 => SHA384.HashData(certificateDer, digest),
            2 => SHA256.HashData(certificateDer, digest),
            1 => SHA1.HashData(certificateDer, digest),
            _ => 0,
        };
        return length > 0 && string.Equals(Format(digest[..length]), Value?.Trim(), StringComparison.OrdinalIgnoreCase);
    }

    private static string Format(ReadOnlySpan<byte> digest) => string.Create(
        (digest.Length * 3) - 1,
        Convert.ToHexString(digest),
        static (text, hex) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = i % 3 == 2 ? ':' : hex[(i / 3 * 2) + (i % 3)];
        });
}

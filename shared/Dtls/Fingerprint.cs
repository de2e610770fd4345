using System.Security.Cryptography;

namespace JitsiMesh.Dtls;

/// <summary>A certificate's fingerprint from signalling (RFC 8122 section 5; XEP-0320).</summary>
/// <param name="Hash">The hash function's name, for example <c>sha-256</c>; letter case does not matter.</param>
/// <param name="Value">Hexadecimal byte pairs separated by colons; letter case does not matter.</param>
public readonly record struct Fingerprint(string Hash, string Value)
{
    /// <summary>The strength of the hash function: 0 for an unknown one.</summary>
    internal int Strength => Hash?.Trim().ToUpperInvariant() switch
    {
        "SHA-512" => 4,
        "SHA-384" => 3,
        "SHA-256" => 2,
        "SHA-1" => 1,
        _ => 0,
    };

    /// <summary>
    /// A hash function's name and hexadecimal pairs separated by colons, with the length of a known function. An unknown function may have any length
    /// up to <see cref="DtlsLimits.MaxFingerprintBytes"/>: it may be listed beside a known one.
    /// </summary>
    public bool IsWellFormed
    {
        get
        {
            if (Hash is null || Value is null || Hash.Length is 0 or > DtlsLimits.MaxHashName) return false;
            foreach (var letter in Hash)
            {
                if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '/' or '.' or '+')) return false;
            }

            var pairs = Value.AsSpan().Trim();
            var count = (pairs.Length + 1) / 3;
            if (pairs.Length % 3 != 2 || count > DtlsLimits.MaxFingerprintBytes) return false;
            for (var i = 0; i < pairs.Length; i++)
            {
                if (i % 3 == 2 ? pairs[i] != ':' : !char.IsAsciiHexDigit(pairs[i])) return false;
            }

            return Strength switch
            {
                4 => count == SHA512.HashSizeInBytes,
                3 => count == SHA384.HashSizeInBytes,
                2 => count == SHA256.HashSizeInBytes,
                1 => count == SHA1.HashSizeInBytes,
                _ => true,
            };
        }
    }

    /// <summary>Upper-case hexadecimal pairs separated by colons.</summary>
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

using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Xmpp.Sasl;

/// <summary>The hash function of a SCRAM mechanism, with the functions of RFC 5802 section 2.2.</summary>
public sealed class ScramHash
{
    /// <summary>SCRAM-SHA-1 (RFC 5802).</summary>
    public static readonly ScramHash Sha1 = new("SCRAM-SHA-1", HashAlgorithmName.SHA1, SHA1.HashSizeInBytes);

    /// <summary>SCRAM-SHA-256 (RFC 7677).</summary>
    public static readonly ScramHash Sha256 = new("SCRAM-SHA-256", HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);

    /// <summary>The stronger one first.</summary>
    public static readonly IReadOnlyList<ScramHash> All = [Sha256, Sha1];

    private readonly HashAlgorithmName _name;

    private ScramHash(string mechanism, HashAlgorithmName name, int octets)
    {
        Mechanism = mechanism;
        _name = name;
        Octets = octets;
    }

    /// <summary>The name of the SASL mechanism.</summary>
    public string Mechanism { get; }

    /// <summary>Octets of each key.</summary>
    public int Octets { get; }

    /// <summary>The hash of a SASL mechanism, or null for a mechanism other than SCRAM.</summary>
    public static ScramHash? OfMechanism(string mechanism) => All.FirstOrDefault(hash => hash.Mechanism == mechanism);

    internal byte[] Hash(ReadOnlySpan<byte> data) => CryptographicOperations.HashData(_name, data);

    internal byte[] Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(_name, key, data);

    internal byte[] Salted(string preparedPassword, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(preparedPassword), salt, iterations, _name, Octets);

    public override string ToString() => Mechanism;
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Auth.Tests.Kit;

/// <summary>The client's side of SCRAM (RFC 5802 section 3), written from the RFC and not from the server's code.</summary>
internal sealed class ScramClient(string mechanism, string username, string password, string nonce = "fyko+d2lbbFgONRv9qkxdawL")
{
    private readonly HashAlgorithmName _hash = mechanism == "SCRAM-SHA-256" ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1;
    private string _expected = "";

    public string Header { get; init; } = "n,,";

    public string Bare => $"n={username.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={nonce}";

    public byte[] First => Encoding.UTF8.GetBytes(Header + Bare);

    public byte[] Final(ReadOnlySpan<byte> challenge)
    {
        var serverFirst = Encoding.UTF8.GetString(challenge);
        var parts = serverFirst.Split(',');
        var (serverNonce, salt, iterations) = (parts[0][2..], Convert.FromBase64String(parts[1][2..]), int.Parse(parts[2][2..], CultureInfo.InvariantCulture));
        Assert.StartsWith(nonce, serverNonce, StringComparison.Ordinal);
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, _hash, _hash == HashAlgorithmName.SHA256 ? 32 : 20);
        var clientKey = CryptographicOperations.HmacData(_hash, salted, "Client Key"u8);
        var withoutProof = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(Header))},r={serverNonce}";
        var authMessage = Encoding.UTF8.GetBytes($"{Bare},{serverFirst},{withoutProof}");
        var signature = CryptographicOperations.HmacData(_hash, CryptographicOperations.HashData(_hash, clientKey), authMessage);
        _expected = "v=" + Convert.ToBase64String(CryptographicOperations.HmacData(_hash, CryptographicOperations.HmacData(_hash, salted, "Server Key"u8), authMessage));
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String([.. clientKey.Zip(signature, (a, b) => (byte)(a ^ b))])}");
    }

    /// <summary>Whether the server has proved that it has the account's keys.</summary>
    public bool Knows(ReadOnlySpan<byte> serverFinal) => Encoding.UTF8.GetString(serverFinal) == _expected;
}

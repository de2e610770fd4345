using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Auth.Ldap.Logins;

/// <summary>Compares a password with a value of userPassword (RFC 2307 section 5.3, and the salted forms of OpenLDAP): LDAP_AUTH_METHOD=custom.</summary>
internal static class StoredPassword
{
    /// <param name="stored">The attribute's value: a scheme in braces and a hash, or the password itself.</param>
    /// <param name="password">Not empty.</param>
    public static bool Matches(ReadOnlySpan<byte> stored, string password)
    {
        var given = Encoding.UTF8.GetBytes(password);
        if (given.Length == 0 || stored.Length == 0) return false;
        try
        {
            if (stored[0] != (byte)'{' || stored.IndexOf((byte)'}') is var end && end < 0) return Equal(stored, given);
            var scheme = Encoding.ASCII.GetString(stored[1..end]).ToUpperInvariant();
            var value = Encoding.ASCII.GetString(stored[(end + 1)..]);
            return scheme switch
            {
                "CRYPT" => UnixCrypt.Matches(value, password),
                "MD5" => Hashed(value, 16, salted: false, given, MD5.HashData),
                "SMD5" => Hashed(value, 16, salted: true, given, MD5.HashData),
                "SHA" => Hashed(value, 20, salted: false, given, SHA1.HashData),
                "SSHA" => Hashed(value, 20, salted: true, given, SHA1.HashData),
                "CLEAR" or "CLEARTEXT" => Equal(stored[(end + 1)..], given),

                // An unknown scheme: the text is not the password.
                _ => false,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(given);
        }
    }

    private static bool Hashed(string base64, int length, bool salted, byte[] password, Func<byte[], byte[]> hash)
    {
        var buffer = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64.Trim(), buffer, out var written)) return false;
        if (salted ? written <= length : written != length) return false;
        var salt = buffer.AsSpan(length, written - length);
        var input = new byte[password.Length + salt.Length];
        password.CopyTo(input, 0);
        salt.CopyTo(input.AsSpan(password.Length));
        var computed = hash(input);
        CryptographicOperations.ZeroMemory(input);
        return CryptographicOperations.FixedTimeEquals(computed, buffer.AsSpan(0, length));
    }

    // Compares hashes, so that the time does not disclose the length.
    private static bool Equal(ReadOnlySpan<byte> stored, byte[] given) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(stored), SHA256.HashData(given));
}

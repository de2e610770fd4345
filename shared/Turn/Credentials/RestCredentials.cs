using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Turn.Credentials;

/// <summary>
/// Credentials that expire and that a relay verifies with only a shared secret (draft-uberti-behave-turn-rest-00 section 2.2; coturn's
/// <c>static-auth-secret</c>): the user name is <c>EXPIRY</c> or <c>EXPIRY:USER</c> with the expiry in Unix seconds, the password the base64 of its HMAC-SHA1.
/// </summary>
public static class RestCredentials
{
    /// <summary>Octets of <see cref="LongTermKey"/>.</summary>
    public const int KeySize = MD5.HashSizeInBytes;

    private const int PasswordLength = 28;

    public static string Username(DateTimeOffset expires, string user) =>
        user.Length == 0 ? FormattableString.Invariant($"{expires.ToUnixTimeSeconds()}") : FormattableString.Invariant($"{expires.ToUnixTimeSeconds()}:{user}");

    public static string Password(string secret, string username) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));

    /// <summary>A name for one session that does not disclose it and is stable: quotas count by it.</summary>
    public static string UserOf(string secret, string session) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("turn user " + session)).AsSpan(0, 8));

    /// <summary>The key of MESSAGE-INTEGRITY in the long-term mechanism: MD5(username ":" realm ":" password), RFC 8489 section 9.2.2.</summary>
    public static void LongTermKey(ReadOnlySpan<byte> username, ReadOnlySpan<byte> realm, ReadOnlySpan<byte> password, Span<byte> key)
    {
        var length = username.Length + realm.Length + password.Length + 2;
        Span<byte> text = length <= 512 ? stackalloc byte[512] : new byte[length];
        username.CopyTo(text);
        var at = username.Length;
        text[at++] = (byte)':';
        realm.CopyTo(text[at..]);
        at += realm.Length;
        text[at++] = (byte)':';
        password.CopyTo(text[at..]);
        MD5.HashData(text[..(at + password.Length)], key);
    }

    /// <summary>Derives the key of a user name from the secret.</summary>
    /// <param name="secret">Shared with the issuer of the credentials.</param>
    /// <param name="username">As received.</param>
    /// <param name="realm">The relay's realm.</param>
    /// <param name="unixSeconds">The current time.</param>
    /// <param name="key"><see cref="KeySize"/> octets.</param>
    /// <returns><see cref="TurnRefusal.Credentials"/> for a name without an expiry, <see cref="TurnRefusal.Expired"/> for an expired one.</returns>
    internal static TurnRefusal TryGetKey(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> username, ReadOnlySpan<byte> realm, long unixSeconds, Span<byte> key)
    {
        if (username.Length is 0 or > TurnLimits.UsernameOctets) return TurnRefusal.Credentials;
        if (!Utf8Parser.TryParse(username, out ulong expires, out var digits) || (digits < username.Length && username[digits] != (byte)':')) return TurnRefusal.Credentials;
        if (expires < (ulong)unixSeconds) return TurnRefusal.Expired;
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        HMACSHA1.HashData(secret, username, hash);
        Span<byte> password = stackalloc byte[PasswordLength];
        Base64.EncodeToUtf8(hash, password, out _, out _);
        LongTermKey(username, realm, password, key);
        return TurnRefusal.None;
    }

    /// <summary>The user that quotas count by: the part after the expiry, which differs in each set of credentials, or the whole name.</summary>
    internal static ReadOnlySpan<byte> UserPart(ReadOnlySpan<byte> username)
    {
        var colon = username.IndexOf((byte)':');
        return colon < 0 || colon + 1 == username.Length ? username : username[(colon + 1)..];
    }
}

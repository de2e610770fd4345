using System.Security.Cryptography;
using JitsiMesh.Srtp.Native;

namespace JitsiMesh.Srtp;

/// <summary>The session keys of one packet class and direction.</summary>
internal readonly record struct SessionKeys(byte[] CipherKey, byte[] Salt, byte[] AuthenticationKey)
{
    public const int AuthenticationKeyLength = 20;

    private const byte RtpLabel = 0;
    private const byte RtcpLabel = 3;

    public static SessionKeys ForRtp(ProtectionProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt) =>
        Derive(profile, masterKey, masterSalt, RtpLabel);

    public static SessionKeys ForRtcp(ProtectionProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt) =>
        Derive(profile, masterKey, masterSalt, RtcpLabel);

    /// <summary>
    /// RFC 3711 section 4.3.3: the key stream of AES-CM under the master key, from salt XOR label * 2^48, with a key derivation rate of 0. A salt
    /// of 12 bytes (RFC 7714) is padded with trailing zeroes.
    /// </summary>
    public static void DeriveKey(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> derived)
    {
        Span<byte> counter = stackalloc byte[16];
        masterSalt.CopyTo(counter);
        counter[7] ^= label;
        using var cipher = EvpCipherContext.CreateCounterMode(masterKey);
        derived.Clear();
        if (!cipher.Transform(counter, derived, derived)) throw new CryptographicException("AES in counter mode failed.");
    }

    /// <summary>Overwrites the keys.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(CipherKey);
        CryptographicOperations.ZeroMemory(Salt);
        CryptographicOperations.ZeroMemory(AuthenticationKey);
    }

    private static SessionKeys Derive(ProtectionProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte firstLabel)
    {
        var keys = new SessionKeys(
            new byte[ProtectionProfiles.MasterKeyLength],
            new byte[profile.MasterSaltLength()],
            profile == ProtectionProfile.Aes128CmHmacSha1_80 ? new byte[AuthenticationKeyLength] : []);
        DeriveKey(masterKey, masterSalt, firstLabel, keys.CipherKey);
        if (keys.AuthenticationKey.Length > 0) DeriveKey(masterKey, masterSalt, (byte)(firstLabel + 1), keys.AuthenticationKey);
        DeriveKey(masterKey, masterSalt, (byte)(firstLabel + 2), keys.Salt);
        return keys;
    }
}

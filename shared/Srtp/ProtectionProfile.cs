namespace JitsiMesh.Srtp;

/// <summary>SRTP protection profiles (IANA "DTLS-SRTP protection profiles"; RFC 5764 section 4.1.2, RFC 7714 section 14.2).</summary>
public enum ProtectionProfile : ushort
{
    /// <summary>AES-CM with 80 bits of HMAC-SHA1: key 16 bytes, salt 14.</summary>
#pragma warning disable CA1707 // The registry's own name has the underscore: 80 is not part of SHA-1.
    Aes128CmHmacSha1_80 = 0x0001,
#pragma warning restore CA1707

    /// <summary>AES-GCM: key 16 bytes, salt 12.</summary>
    AeadAes128Gcm = 0x0007,
}

public static class ProtectionProfiles
{
    public const int MasterKeyLength = 16;

    public static int MasterSaltLength(this ProtectionProfile profile) => profile == ProtectionProfile.AeadAes128Gcm ? 12 : 14;
}

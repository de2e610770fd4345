namespace JitsiMesh.Dtls;

/// <summary>The SRTP keys from the handshake (RFC 5764 section 4.2): master keys and salts, by direction as seen from this side.</summary>
/// <param name="ProfileId">0x0007 AEAD_AES_128_GCM (key 16, salt 12 bytes), 0x0001 AES128_CM_HMAC_SHA1_80 (key 16, salt 14).</param>
public sealed record SrtpKeyingMaterial(int ProfileId, byte[] LocalKey, byte[] LocalSalt, byte[] RemoteKey, byte[] RemoteSalt)
{
    /// <summary>Contains the profile and never the keys, so that a log line cannot disclose them.</summary>
    public override string ToString() => FormattableString.Invariant($"SrtpKeyingMaterial 0x{ProfileId:x4}");
}

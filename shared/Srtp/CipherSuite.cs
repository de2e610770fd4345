namespace JitsiMesh.Srtp;

/// <summary>
/// The cryptography of one protection profile in one direction, without state of streams: the caller passes the index. Source and destination are
/// the same span or disjoint; lengths have been checked.
/// </summary>
internal abstract class CipherSuite : IDisposable
{
    /// <summary>E: the SRTCP payload is encrypted (RFC 3711 section 3.4).</summary>
    protected const uint EncryptedFlag = 0x8000_0000;

    /// <summary>The part of an RTCP packet that stays in clear text: header and sender SSRC.</summary>
    protected const int RtcpClearLength = 8;

    /// <summary>Bytes added to an RTP packet.</summary>
    public abstract int RtpOverhead { get; }

    /// <summary>Bytes added to an RTCP compound, including the index word.</summary>
    public abstract int RtcpOverhead { get; }

    public static CipherSuite Create(ProtectionProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, bool encrypt)
    {
        var rtp = SessionKeys.ForRtp(profile, masterKey, masterSalt);
        var rtcp = SessionKeys.ForRtcp(profile, masterKey, masterSalt);
        try
        {
            return profile == ProtectionProfile.AeadAes128Gcm ? new GcmCipherSuite(rtp, rtcp, encrypt) : new CounterModeCipherSuite(rtp, rtcp);
        }
        finally
        {
            rtp.Clear();
            rtcp.Clear();
        }
    }

    public abstract bool ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, int headerLength, uint ssrc, long index);

    public abstract SrtpResult UnprotectRtp(Span<byte> packet, int headerLength, uint ssrc, long index);

    public abstract bool ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, uint ssrc, uint index);

    public abstract SrtpResult UnprotectRtcp(Span<byte> packet, uint ssrc, uint indexWord);

    /// <summary>The word with the E flag and the index of a protected RTCP compound.</summary>
    public abstract uint ReadRtcpIndexWord(ReadOnlySpan<byte> packet);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

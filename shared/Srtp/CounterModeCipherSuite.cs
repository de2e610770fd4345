using System.Buffers.Binary;
using System.Security.Cryptography;
using JitsiMesh.Srtp.Native;

namespace JitsiMesh.Srtp;

/// <summary>AES_CM_128_HMAC_SHA1_80 (RFC 3711 sections 4.1.1 and 4.2.1).</summary>
internal sealed class CounterModeCipherSuite : CipherSuite
{
    private const int TagLength = 10;
    private const int IvLength = 16;

    private readonly EvpCipherContext _rtp;
    private readonly EvpCipherContext _rtcp;
    private readonly HmacSha1 _rtpMac;
    private readonly HmacSha1 _rtcpMac;
    private readonly byte[] _rtpSalt;
    private readonly byte[] _rtcpSalt;

    public CounterModeCipherSuite(in SessionKeys rtp, in SessionKeys rtcp)
    {
        _rtp = EvpCipherContext.CreateCounterMode(rtp.CipherKey);
        _rtcp = EvpCipherContext.CreateCounterMode(rtcp.CipherKey);
        _rtpMac = new HmacSha1(rtp.AuthenticationKey);
        _rtcpMac = new HmacSha1(rtcp.AuthenticationKey);
        _rtpSalt = [.. rtp.Salt];
        _rtcpSalt = [.. rtcp.Salt];
    }

    public override int RtpOverhead => TagLength;

    public override int RtcpOverhead => TagLength + 4;

    public override bool ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, int headerLength, uint ssrc, long index)
    {
        Span<byte> iv = stackalloc byte[IvLength];
        WriteIv(iv, _rtpSalt, ssrc, index);
        plain[..headerLength].CopyTo(destination);
        if (!_rtp.Transform(iv, plain[headerLength..], destination[headerLength..])) return false;

        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        ComputeRtpDigest(destination[..plain.Length], index, digest);
        digest[..TagLength].CopyTo(destination[plain.Length..]);
        return true;
    }

    public override SrtpResult UnprotectRtp(Span<byte> packet, int headerLength, uint ssrc, long index)
    {
        var authenticated = packet[..^TagLength];
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        ComputeRtpDigest(authenticated, index, digest);
        if (!CryptographicOperations.FixedTimeEquals(digest[..TagLength], packet[^TagLength..])) return SrtpResult.AuthenticationFailed;

        Span<byte> iv = stackalloc byte[IvLength];
        WriteIv(iv, _rtpSalt, ssrc, index);
        var body = authenticated[headerLength..];
        return _rtp.Transform(iv, body, body) ? SrtpResult.Ok : SrtpResult.CipherFailed;
    }

    public override bool ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, uint ssrc, uint index)
    {
        Span<byte> iv = stackalloc byte[IvLength];
        WriteIv(iv, _rtcpSalt, ssrc, index);
        plain[..RtcpClearLength].CopyTo(destination);
        if (!_rtcp.Transform(iv, plain[RtcpClearLength..], destination[RtcpClearLength..])) return false;

        BinaryPrimitives.WriteUInt32BigEndian(destination[plain.Length..], EncryptedFlag | index);
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        _rtcpMac.Compute(destination[..(plain.Length + 4)], default, digest);
        digest[..TagLength].CopyTo(destination[(plain.Length + 4)..]);
        return true;
    }

    public override SrtpResult UnprotectRtcp(Span<byte> packet, uint ssrc, uint indexWord)
    {
        Span<byte> digest = stackalloc byte[HmacSha1.DigestLength];
        _rtcpMac.Compute(packet[..^TagLength], default, digest);
        if (!CryptographicOperations.FixedTimeEquals(digest[..TagLength], packet[^TagLength..])) return SrtpResult.AuthenticationFailed;
        if ((indexWord & EncryptedFlag) == 0) return SrtpResult.Ok;

        Span<byte> iv = stackalloc byte[IvLength];
        WriteIv(iv, _rtcpSalt, ssrc, indexWord & SrtpLimits.MaxRtcpIndex);
        var body = packet[RtcpClearLength..^(TagLength + 4)];
        return _rtcp.Transform(iv, body, body) ? SrtpResult.Ok : SrtpResult.CipherFailed;
    }

    public override uint ReadRtcpIndexWord(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^(TagLength + 4)..]);

    protected override void Dispose(bool disposing)
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    // RFC 3711 section 4.2: the authenticated portion is followed by the roll-over counter, which is not sent.
    private void ComputeRtpDigest(ReadOnlySpan<byte> packet, long index, Span<byte> digest)
    {
        Span<byte> counter = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, PacketIndex.RolloverCounter(index));
        _rtpMac.Compute(packet, counter, digest);
    }

    // RFC 3711 section 4.1.1: IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16).
    private static void WriteIv(Span<byte> iv, ReadOnlySpan<byte> salt, uint ssrc, long index)
    {
        iv.Clear();
        salt.CopyTo(iv);
        BinaryPrimitives.WriteUInt32BigEndian(iv[4..], BinaryPrimitives.ReadUInt32BigEndian(iv[4..]) ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(iv[8..], BinaryPrimitives.ReadUInt64BigEndian(iv[8..]) ^ ((ulong)index << 16));
    }
}

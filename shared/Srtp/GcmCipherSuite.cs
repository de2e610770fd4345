using System.Buffers.Binary;
using JitsiMesh.Srtp.Native;

namespace JitsiMesh.Srtp;

/// <summary>AEAD_AES_128_GCM (RFC 7714).</summary>
internal sealed class GcmCipherSuite : CipherSuite
{
    private const int TagLength = EvpCipherContext.TagLength;
    private const int IvLength = 12;

    private readonly EvpCipherContext _rtp;
    private readonly EvpCipherContext _rtcp;
    private readonly byte[] _rtpSalt;
    private readonly byte[] _rtcpSalt;

    public GcmCipherSuite(in SessionKeys rtp, in SessionKeys rtcp, bool encrypt)
    {
        _rtp = EvpCipherContext.CreateGcm(rtp.CipherKey, encrypt);
        _rtcp = EvpCipherContext.CreateGcm(rtcp.CipherKey, encrypt);
        _rtpSalt = [.. rtp.Salt];
        _rtcpSalt = [.. rtcp.Salt];
    }

    public override int RtpOverhead => TagLength;

    public override int RtcpOverhead => TagLength + 4;

    public override bool ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, int headerLength, uint ssrc, long index)
    {
        Span<byte> iv = stackalloc byte[IvLength];
        WriteRtpIv(iv, ssrc, index);
        plain[..headerLength].CopyTo(destination);
        return _rtp.Seal(iv, plain[..headerLength], default, plain[headerLength..], destination[headerLength..], destination.Slice(plain.Length, TagLength));
    }

    public override SrtpResult UnprotectRtp(Span<byte> packet, int headerLength, uint ssrc, long index)
    {
        Span<byte> iv = stackalloc byte[IvLength];
        WriteRtpIv(iv, ssrc, index);
        var body = packet[headerLength..^TagLength];
        return _rtp.Open(iv, packet[..headerLength], default, body, body, packet[^TagLength..]) ? SrtpResult.Ok : SrtpResult.AuthenticationFailed;
    }

    public override bool ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, uint ssrc, uint index)
    {
        Span<byte> iv = stackalloc byte[IvLength];
        WriteRtcpIv(iv, ssrc, index);
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(word, EncryptedFlag | index);
        plain[..RtcpClearLength].CopyTo(destination);
        if (!_rtcp.Seal(iv, plain[..RtcpClearLength], word, plain[RtcpClearLength..], destination[RtcpClearLength..], destination.Slice(plain.Length, TagLength))) return false;
        word.CopyTo(destination[(plain.Length + TagLength)..]);
        return true;
    }

    public override SrtpResult UnprotectRtcp(Span<byte> packet, uint ssrc, uint indexWord)
    {
        Span<byte> iv = stackalloc byte[IvLength];
        WriteRtcpIv(iv, ssrc, indexWord & SrtpLimits.MaxRtcpIndex);
        var word = packet[^4..];
        var tag = packet[^(TagLength + 4)..^4];
        var plainEnd = packet.Length - TagLength - 4;

        // RFC 7714 section 9.3: without E the whole packet is additional data and nothing is encrypted.
        var clear = (indexWord & EncryptedFlag) != 0 ? RtcpClearLength : plainEnd;
        var body = packet[clear..plainEnd];
        return _rtcp.Open(iv, packet[..clear], word, body, body, tag) ? SrtpResult.Ok : SrtpResult.AuthenticationFailed;
    }

    public override uint ReadRtcpIndexWord(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^4..]);

    protected override void Dispose(bool disposing)
    {
        _rtp.Dispose();
        _rtcp.Dispose();
    }

    // RFC 7714 section 8.1: | 00 00 | SSRC | ROC | SEQ | XOR salt.
    private void WriteRtpIv(Span<byte> iv, uint ssrc, long index)
    {
        _rtpSalt.CopyTo(iv);
        XorUInt32(iv[2..], ssrc);
        XorUInt32(iv[6..], PacketIndex.RolloverCounter(index));
        iv[10] ^= (byte)(index >> 8);
        iv[11] ^= (byte)index;
    }

    // RFC 7714 section 9.1: | 00 00 | SSRC | 00 00 | 0 and SRTCP index | XOR salt.
    private void WriteRtcpIv(Span<byte> iv, uint ssrc, uint index)
    {
        _rtcpSalt.CopyTo(iv);
        XorUInt32(iv[2..], ssrc);
        XorUInt32(iv[8..], index);
    }

    private static void XorUInt32(Span<byte> target, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(target, BinaryPrimitives.ReadUInt32BigEndian(target) ^ value);
}

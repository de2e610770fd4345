using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using JitsiMesh.Rtp;

namespace JitsiMesh.Srtp;

/// <summary>
/// SRTP and SRTCP with one peer. Session keys and cipher contexts are created once and serve every SSRC (they do not depend on it); per SSRC there are
/// only a roll-over counter and, inbound, a replay window. Not thread-safe. Packets of known streams cause no allocation.
/// </summary>
public sealed class SrtpSession : IDisposable
{
    public const int MaxRtpOverhead = 16;
    public const int MaxRtcpOverhead = 20;

    private const int MinRtcpLength = 8;

    private readonly CipherSuite _outbound;
    private readonly CipherSuite _inbound;
    private readonly StreamTable<OutboundStream> _outboundRtp = new(SrtpLimits.MaxOutboundStreams);
    private readonly StreamTable<ReplayWindow> _inboundRtp = new(SrtpLimits.MaxInboundStreams);
    private readonly StreamTable<ReplayWindow> _inboundRtcp = new(SrtpLimits.MaxInboundStreams);
    private uint _nextRtcpIndex;

    /// <param name="profile">The profile negotiated by DTLS.</param>
    /// <param name="localKey">Master key for sending, 16 bytes.</param>
    /// <param name="localSalt">12 bytes for GCM, 14 for counter mode.</param>
    /// <param name="remoteKey">Master key for receiving.</param>
    /// <param name="remoteSalt">As <paramref name="localSalt"/>.</param>
    /// <exception cref="ArgumentException">A key or salt has a wrong length.</exception>
    public SrtpSession(ProtectionProfile profile, ReadOnlySpan<byte> localKey, ReadOnlySpan<byte> localSalt, ReadOnlySpan<byte> remoteKey, ReadOnlySpan<byte> remoteSalt)
    {
        if (profile is not (ProtectionProfile.AeadAes128Gcm or ProtectionProfile.Aes128CmHmacSha1_80)) throw new ArgumentOutOfRangeException(nameof(profile));
        if (localKey.Length != ProtectionProfiles.MasterKeyLength || remoteKey.Length != ProtectionProfiles.MasterKeyLength) throw new ArgumentException("A master key has 16 bytes.", nameof(localKey));
        var saltLength = profile.MasterSaltLength();
        if (localSalt.Length != saltLength || remoteSalt.Length != saltLength) throw new ArgumentException($"A master salt of this profile has {saltLength} bytes.", nameof(localSalt));

        Profile = profile;
        _outbound = CipherSuite.Create(profile, localKey, localSalt, encrypt: true);
        _inbound = CipherSuite.Create(profile, remoteKey, remoteSalt, encrypt: false);
    }

    internal SrtpSession(ProtectionProfile profile, CipherSuite outbound, CipherSuite inbound, uint nextRtcpIndex)
    {
        Profile = profile;
        _outbound = outbound;
        _inbound = inbound;
        _nextRtcpIndex = nextRtcpIndex;
    }

    public ProtectionProfile Profile { get; }

    /// <summary>Bytes that protecting adds to an RTP packet under this profile.</summary>
    public int RtpOverhead => _outbound.RtpOverhead;

    /// <summary>Bytes that protecting adds to an RTCP compound under this profile.</summary>
    public int RtcpOverhead => _outbound.RtcpOverhead;

    public int InboundStreams => _inboundRtp.Count;

    public int OutboundStreams => _outboundRtp.Count;

    /// <summary>Protects the packet in the first <paramref name="length"/> bytes in place.</summary>
    public SrtpResult ProtectRtp(Span<byte> buffer, int length, out int newLength) => ProtectRtp(buffer[..length], buffer, out newLength);

    /// <summary>
    /// Copies and protects in one pass; <paramref name="destination"/> is another span, or starts where <paramref name="plain"/> starts. There is no
    /// replay check on this side: a packet may be resent under its number, but only with exactly the same bytes, header extensions included, since
    /// the same nonce must never cover two different packets.
    /// </summary>
    public SrtpResult ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written)
    {
        written = 0;
        if (plain.Length > SrtpLimits.MaxPacketLength) return SrtpResult.TooLong;
        if (RtpPacketView.ParseHeader(plain, out var packet) != RtpParseError.None) return SrtpResult.Malformed;
        var total = plain.Length + _outbound.RtpOverhead;
        if (destination.Length < total) return SrtpResult.NoSpace;

        var ssrc = packet.Ssrc;
        var sequenceNumber = packet.SequenceNumber;
        ref var stream = ref _outboundRtp.Find(ssrc);
        if (Unsafe.IsNullRef(ref stream))
        {
            if (_outboundRtp.IsFull) return SrtpResult.TooManyStreams;
            stream = ref _outboundRtp.Add(ssrc);
        }

        var index = PacketIndex.Guess(stream.HighestPlusOne - 1, sequenceNumber);
        if (index < 0) return SrtpResult.TooOld;
        if (!_outbound.ProtectRtp(plain, destination, packet.HeaderLength, ssrc, index)) return SrtpResult.CipherFailed;
        if (index >= stream.HighestPlusOne) stream.HighestPlusOne = index + 1;
        written = total;
        return SrtpResult.Ok;
    }

    /// <summary>
    /// Authenticates and decrypts in place. After any result except <see cref="SrtpResult.Ok"/> the payload bytes are undefined.
    /// </summary>
    public SrtpResult UnprotectRtp(Span<byte> buffer, int length, out int newLength)
    {
        newLength = 0;
        if (length > SrtpLimits.MaxPacketLength) return SrtpResult.TooLong;
        if ((uint)length > (uint)buffer.Length) return SrtpResult.TooShort;
        var data = buffer[..length];
        if (RtpPacketView.ParseHeader(data, out var packet) != RtpParseError.None) return SrtpResult.Malformed;
        var headerLength = packet.HeaderLength;
        if (length < headerLength + _inbound.RtpOverhead) return SrtpResult.TooShort;

        var ssrc = packet.Ssrc;
        ref var window = ref _inboundRtp.Find(ssrc);
        var known = !Unsafe.IsNullRef(ref window);
        var index = PacketIndex.Guess(known ? window.Highest : PacketIndex.None, packet.SequenceNumber);
        if (known)
        {
            var fresh = window.Check(index);
            if (fresh != SrtpResult.Ok) return fresh;
        }

        var result = _inbound.UnprotectRtp(data, headerLength, ssrc, index);
        if (result != SrtpResult.Ok) return result;

        // Only an authenticated packet gets an entry in the table: an attacker cannot fill it.
        if (!known) window = ref _inboundRtp.Add(ssrc);
        window.Commit(index);
        newLength = length - _inbound.RtpOverhead;
        return SrtpResult.Ok;
    }

    /// <summary>Protects the compound in the first <paramref name="length"/> bytes in place.</summary>
    public SrtpResult ProtectRtcp(Span<byte> buffer, int length, out int newLength) => ProtectRtcp(buffer[..length], buffer, out newLength);

    /// <summary>
    /// Copies and protects a compound. One index counts for all senders' SSRCs of this session: it grows for each of them, so that the removal of a
    /// stream cannot repeat it.
    /// </summary>
    public SrtpResult ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written)
    {
        written = 0;
        if (plain.Length > SrtpLimits.MaxPacketLength) return SrtpResult.TooLong;
        if (plain.Length < MinRtcpLength) return SrtpResult.TooShort;
        if (plain[0] >> 6 != 2) return SrtpResult.Malformed;
        var total = plain.Length + _outbound.RtcpOverhead;
        if (destination.Length < total) return SrtpResult.NoSpace;
        if (_nextRtcpIndex > SrtpLimits.MaxRtcpIndex) return SrtpResult.IndexExhausted;
        if (!_outbound.ProtectRtcp(plain, destination, BinaryPrimitives.ReadUInt32BigEndian(plain[4..]), _nextRtcpIndex)) return SrtpResult.CipherFailed;
        _nextRtcpIndex++;
        written = total;
        return SrtpResult.Ok;
    }

    /// <inheritdoc cref="UnprotectRtp"/>
    public SrtpResult UnprotectRtcp(Span<byte> buffer, int length, out int newLength)
    {
        newLength = 0;
        if (length > SrtpLimits.MaxPacketLength) return SrtpResult.TooLong;
        if ((uint)length > (uint)buffer.Length || length < MinRtcpLength + _inbound.RtcpOverhead) return SrtpResult.TooShort;
        var data = buffer[..length];
        if (data[0] >> 6 != 2) return SrtpResult.Malformed;

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        var word = _inbound.ReadRtcpIndexWord(data);
        var index = word & SrtpLimits.MaxRtcpIndex;
        ref var window = ref _inboundRtcp.Find(ssrc);
        var known = !Unsafe.IsNullRef(ref window);
        if (known)
        {
            var fresh = window.Check(index);
            if (fresh != SrtpResult.Ok) return fresh;
        }

        var result = _inbound.UnprotectRtcp(data, ssrc, word);
        if (result != SrtpResult.Ok) return result;
        if (!known) window = ref _inboundRtcp.Add(ssrc);
        window.Commit(index);
        newLength = length - _inbound.RtcpOverhead;
        return SrtpResult.Ok;
    }

    /// <summary>
    /// Releases an outbound stream's entry. Only for an SSRC that is never sent on again under these keys: it would restart at roll-over counter
    /// 0 and repeat nonces.
    /// </summary>
    public bool ForgetOutbound(uint ssrc) => _outboundRtp.Remove(ssrc);

    public void Dispose()
    {
        _outbound.Dispose();
        _inbound.Dispose();
    }

    private struct OutboundStream
    {
        public long HighestPlusOne;
    }
}

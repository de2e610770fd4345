using System.Buffers.Binary;
using System.Security.Cryptography;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>A link to the C loop: one key for all, known to both sides; no ICE, no DTLS, no RTCP (RFC 7714 section 8).</summary>
internal sealed class FixedKeyLink(TransportAddress remote, byte[] key, byte[] salt) : IMediaLink
{
    private const int Tag = 16;
    private readonly AesGcm _cipher = new(key, Tag);
    private readonly Dictionary<uint, (uint RollOver, ushort Last)> _streams = [];

    public bool IsConnected => true;

    public string? Failure => null;

    public string Profile => "AeadAes128Gcm";

    public bool TryGetRemote(out TransportAddress address)
    {
        address = remote;
        return true;
    }

    public bool ProtectRtp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written)
    {
        // The loop authenticates only the fixed header and encrypts the rest: there are no extensions.
        Span<byte> nonce = stackalloc byte[12];
        Nonce(plain, nonce);
        plain[..12].CopyTo(destination);
        _cipher.Encrypt(nonce, plain[12..], destination[12..plain.Length], destination.Slice(plain.Length, Tag), plain[..12]);
        written = plain.Length + Tag;
        return true;
    }

    public bool ProtectRtcp(ReadOnlySpan<byte> plain, Span<byte> destination, out int written)
    {
        written = 0;
        return false;
    }

    public LinkInput Handle(Span<byte> datagram, in TransportAddress from, MonotonicTime now, out int length)
    {
        length = datagram.Length - Tag;
        if (length < 12) return LinkInput.Bad;
        Span<byte> nonce = stackalloc byte[12];
        Nonce(datagram, nonce);
        try
        {
            _cipher.Decrypt(nonce, datagram[12..length], datagram[length..], datagram[12..length], datagram[..12]);
            return LinkInput.Rtp;
        }
        catch (AuthenticationTagMismatchException)
        {
            return LinkInput.Bad;
        }
    }

    public void Poll(LoadSocket socket, MonotonicTime now)
    {
    }

    public void Dispose() => _cipher.Dispose();

    private void Nonce(ReadOnlySpan<byte> packet, Span<byte> nonce)
    {
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var (rollOver, last) = _streams.GetValueOrDefault(ssrc, (0u, sequence));
        if (sequence < 10_000 && last > 55_000) rollOver++;
        _streams[ssrc] = (rollOver, sequence);
        nonce.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[6..], rollOver);
        BinaryPrimitives.WriteUInt16BigEndian(nonce[10..], sequence);
        for (var i = 0; i < 12; i++) nonce[i] ^= salt[i];
    }
}

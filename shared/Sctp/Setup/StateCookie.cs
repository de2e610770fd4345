using System.Security.Cryptography;
using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Setup;

/// <summary>
/// The complete state that a server needs to build an association, sent to the client and returned authenticated (RFC 9260 section 5.1.3), so that nothing is stored before the
/// COOKIE ECHO.
/// </summary>
internal sealed record StateCookie
{
    internal const int KeyLength = 32;
    private const int BodyLength = 41;
    private const int MacLength = 32;

    internal MonotonicTime CreatedAt { get; init; }

    internal uint LocalTag { get; init; }

    internal uint PeerTag { get; init; }

    internal uint LocalInitialTsn { get; init; }

    internal uint PeerInitialTsn { get; init; }

    internal uint PeerReceiverWindow { get; init; }

    internal ushort OutboundStreams { get; init; }

    internal ushort InboundStreams { get; init; }

    internal bool SupportsForwardTsn { get; init; }

    internal bool SupportsReconfig { get; init; }

    /// <summary>The tags of the association that existed when the INIT arrived; 0 when there was none (RFC 9260 section 5.2.2).</summary>
    internal uint LocalTieTag { get; init; }

    internal uint PeerTieTag { get; init; }

    internal byte[] Seal(ReadOnlySpan<byte> key)
    {
        var bytes = new byte[BodyLength + MacLength];
        var writer = new SpanWriter(bytes);
        writer.WriteUInt64((ulong)CreatedAt.Nanoseconds);
        writer.WriteUInt32(LocalTag);
        writer.WriteUInt32(PeerTag);
        writer.WriteUInt32(LocalInitialTsn);
        writer.WriteUInt32(PeerInitialTsn);
        writer.WriteUInt32(PeerReceiverWindow);
        writer.WriteUInt16(OutboundStreams);
        writer.WriteUInt16(InboundStreams);
        writer.WriteByte((byte)((SupportsForwardTsn ? 1 : 0) | (SupportsReconfig ? 2 : 0)));
        writer.WriteUInt32(LocalTieTag);
        writer.WriteUInt32(PeerTieTag);
        HMACSHA256.HashData(key, bytes.AsSpan(0, BodyLength), bytes.AsSpan(BodyLength));
        return bytes;
    }

    internal static bool TryOpen(ReadOnlySpan<byte> sealedCookie, ReadOnlySpan<byte> key, out StateCookie cookie)
    {
        cookie = null!;
        if (sealedCookie.Length != BodyLength + MacLength) return false;
        Span<byte> mac = stackalloc byte[MacLength];
        HMACSHA256.HashData(key, sealedCookie[..BodyLength], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, sealedCookie[BodyLength..])) return false;
        var reader = new SpanReader(sealedCookie);
        var result = new StateCookie
        {
            CreatedAt = new MonotonicTime((long)reader.ReadUInt64()),
            LocalTag = reader.ReadUInt32(),
            PeerTag = reader.ReadUInt32(),
            LocalInitialTsn = reader.ReadUInt32(),
            PeerInitialTsn = reader.ReadUInt32(),
            PeerReceiverWindow = reader.ReadUInt32(),
            OutboundStreams = reader.ReadUInt16(),
            InboundStreams = reader.ReadUInt16(),
        };
        var flags = reader.ReadByte();
        cookie = result with
        {
            SupportsForwardTsn = (flags & 1) != 0,
            SupportsReconfig = (flags & 2) != 0,
            LocalTieTag = reader.ReadUInt32(),
            PeerTieTag = reader.ReadUInt32(),
        };
        return true;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace JitsiMesh.Ice.Stun;

/// <summary>MESSAGE-INTEGRITY (RFC 8489 section 14.5): HMAC-SHA1 over the message up to the attribute, with the length field as if it ended there.</summary>
internal static class StunIntegrity
{
    public const int Size = 20;

    /// <param name="message">The whole message, or the part written so far.</param>
    /// <param name="offset">The offset of the attribute's header.</param>
    /// <param name="key">The password of the short-term mechanism, or the hashed key of the long-term one.</param>
    /// <param name="destination">20 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> message, int offset, ReadOnlySpan<byte> key, Span<byte> destination)
    {
        Span<byte> covered = stackalloc byte[StunLimits.MaxMessageSize];
        covered = covered[..offset];
        message[..offset].CopyTo(covered);
        BinaryPrimitives.WriteUInt16BigEndian(covered[2..], (ushort)(offset + 4 + Size - StunMessage.HeaderSize));
        HMACSHA1.HashData(key, covered, destination);
    }

    public static bool Verify(ReadOnlySpan<byte> message, int offset, ReadOnlySpan<byte> key)
    {
        Span<byte> expected = stackalloc byte[Size];
        Compute(message, offset, key, expected);
        return CryptographicOperations.FixedTimeEquals(expected, message.Slice(offset + 4, Size));
    }
}

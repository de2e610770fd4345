using System.Buffers.Binary;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Stun;

/// <summary>The 96-bit id that matches a response to its request (RFC 8489 section 5), as a value that can key a table.</summary>
public readonly record struct StunTransactionId(uint High, ulong Low)
{
    public const int Size = 12;

    /// <param name="bytes">At least 12 bytes in network order.</param>
    public static StunTransactionId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]));

    public static StunTransactionId Create(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Size];
        random.Fill(bytes);
        return Read(bytes);
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[4..], Low);
    }
}

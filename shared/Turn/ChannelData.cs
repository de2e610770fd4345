using System.Buffers.Binary;

namespace JitsiMesh.Turn;

/// <summary>
/// ChannelData (RFC 8656 section 12.4).
/// <code>
/// |         Channel Number        |            Length             |
/// |                       Application Data                        |
/// </code>
/// </summary>
public static class ChannelData
{
    public const int HeaderSize = 4;

    public const ushort FirstNumber = 0x4000;

    public const ushort LastNumber = 0x4FFF;

    public static bool IsChannel(byte first) => first is >= 0x40 and <= 0x4F;

    public static ushort NumberOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt16BigEndian(packet);

    public static int LengthOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);

    public static void WriteHeader(Span<byte> destination, ushort number, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, number);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)length);
    }
}

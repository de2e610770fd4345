using System.Buffers.Binary;
using JitsiMesh.Ice.Stun;

namespace JitsiMesh.Turn;

/// <summary>Splits a stream into messages (RFC 8656 section 3.7, RFC 8489 section 6.2.2).</summary>
public static class TurnFrame
{
    /// <summary>Octets needed to compute a frame's length.</summary>
    public const int PrefixSize = 4;

    /// <summary>The longest frame: a Send indication around <see cref="TurnLimits.DataOctets"/>.</summary>
    public const int MaxSize = StunLimits.MaxMessageSize + TurnLimits.Headroom;

    /// <summary>Whether a stream with this first octet may be STUN: HTTP begins with a letter, TLS with 0x16.</summary>
    public static bool CanBegin(byte first) => first <= 3;

    /// <param name="prefix">The first <see cref="PrefixSize"/> octets.</param>
    /// <returns>The frame's length with its padding; 0 when the prefix is neither STUN nor ChannelData, so that the rest of the stream cannot be parsed.</returns>
    public static int LengthOf(ReadOnlySpan<byte> prefix)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(prefix[2..]);
        int whole;
        if (ChannelData.IsChannel(prefix[0])) whole = ChannelData.HeaderSize + ((length + 3) & ~3);
        else if ((prefix[0] & 0xC0) == 0 && (length & 3) == 0) whole = StunMessage.HeaderSize + length;
        else return 0;
        return whole <= MaxSize ? whole : 0;
    }
}

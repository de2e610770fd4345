using System.Buffers.Binary;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Stun;

/// <summary>
/// A STUN message as a view of its datagram; nothing is copied.
/// <code>
///  0                   1                   2                   3     RFC 8489 section 5
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |0 0|  message type (class C)   |        message length         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                    magic cookie 0x2112A442                    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                   transaction id (96 bits)                    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </summary>
public readonly ref struct StunMessage
{
    public const int HeaderSize = 20;

    public const uint MagicCookie = 0x2112A442;

    private readonly ReadOnlySpan<byte> _data;
    private readonly int _attributesEnd;
    private readonly int _integrityOffset;
    private readonly int _fingerprintOffset;

    private StunMessage(ReadOnlySpan<byte> data, int attributesEnd, int integrityOffset, int fingerprintOffset)
    {
        _data = data;
        _attributesEnd = attributesEnd;
        _integrityOffset = integrityOffset;
        _fingerprintOffset = fingerprintOffset;
    }

    public StunClass Class => (StunClass)(((_data[0] & 1) << 1) | ((_data[1] >> 4) & 1));

    public StunMethod Method
    {
        get
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(_data);
            return (StunMethod)((type & 0x000F) | ((type & 0x00E0) >> 1) | ((type & 0x3E00) >> 2));
        }
    }

    public StunTransactionId TransactionId => StunTransactionId.Read(_data[8..]);

    public bool HasMessageIntegrity => _integrityOffset >= 0;

    public bool HasFingerprint => _fingerprintOffset >= 0;

    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message) => TryParse(datagram, out message, out _);

    /// <summary>Validates the whole structure. The caller verifies integrity and fingerprint.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message, out StunParseError error)
    {
        message = default;
        error = CheckHeader(datagram);
        if (error != StunParseError.None) return false;

        int position = HeaderSize, integrity = -1, fingerprint = -1;
        while (position < datagram.Length)
        {
            // The length is a multiple of four, so a type and a length always fit here.
            var type = (StunAttribute)BinaryPrimitives.ReadUInt16BigEndian(datagram[position..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(position + 2)..]);
            var next = position + 4 + Padded(length);
            if (next > datagram.Length)
            {
                error = StunParseError.AttributeOverrun;
                return false;
            }

            // "the FINGERPRINT attribute MUST be the last attribute in the message" (section 14.7).
            var badTrailer = fingerprint >= 0
                || (type == StunAttribute.Fingerprint && length != 4)
                || (type == StunAttribute.MessageIntegrity && length != StunIntegrity.Size);
            if (badTrailer)
            {
                error = StunParseError.BadTrailer;
                return false;
            }

            if (type == StunAttribute.Fingerprint) fingerprint = position;
            if (type == StunAttribute.MessageIntegrity && integrity < 0) integrity = position;
            position = next;
        }

        // "agents MUST ignore all other attributes that follow MESSAGE-INTEGRITY" except the fingerprint (section 14.5).
        var end = integrity >= 0 ? integrity : fingerprint >= 0 ? fingerprint : datagram.Length;
        message = new StunMessage(datagram, end, integrity, fingerprint);
        return true;
    }

    /// <summary>True when there is no fingerprint, or a correct one.</summary>
    public bool VerifyFingerprint() => _fingerprintOffset < 0
        || BinaryPrimitives.ReadUInt32BigEndian(_data[(_fingerprintOffset + 4)..]) == StunFingerprint.Compute(_data[.._fingerprintOffset]);

    /// <summary>True when MESSAGE-INTEGRITY is present and matches this key.</summary>
    public bool VerifyMessageIntegrity(ReadOnlySpan<byte> key) => _integrityOffset >= 0 && StunIntegrity.Verify(_data, _integrityOffset, key);

    /// <summary>The first attribute of the type that MESSAGE-INTEGRITY covers (of all, when the message has none).</summary>
    public bool TryGetAttribute(StunAttribute type, out ReadOnlySpan<byte> value)
    {
        for (var position = HeaderSize; position < _attributesEnd;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(_data[(position + 2)..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(_data[position..]) == (ushort)type)
            {
                value = _data.Slice(position + 4, length);
                return true;
            }

            position += 4 + Padded(length);
        }

        value = default;
        return false;
    }

    public bool HasAttribute(StunAttribute type) => TryGetAttribute(type, out _);

    public bool TryGetUsername(out ReadOnlySpan<byte> username) =>
        TryGetAttribute(StunAttribute.Username, out username) && username.Length <= StunLimits.MaxUsernameBytes;

    public bool TryGetPriority(out uint priority)
    {
        var found = TryGetAttribute(StunAttribute.Priority, out var value) && value.Length == 4;
        priority = found ? BinaryPrimitives.ReadUInt32BigEndian(value) : 0;
        return found;
    }

    /// <param name="type"><see cref="StunAttribute.IceControlling"/> or <see cref="StunAttribute.IceControlled"/>.</param>
    /// <param name="tieBreaker">The 64-bit number of the sender (RFC 8445 section 16.1).</param>
    public bool TryGetTieBreaker(StunAttribute type, out ulong tieBreaker)
    {
        var found = TryGetAttribute(type, out var value) && value.Length == 8;
        tieBreaker = found ? BinaryPrimitives.ReadUInt64BigEndian(value) : 0;
        return found;
    }

    /// <summary>The error code, 300 to 699 (section 14.8); the reason phrase is ignored.</summary>
    public bool TryGetErrorCode(out int code)
    {
        code = 0;
        if (!TryGetAttribute(StunAttribute.ErrorCode, out var value) || value.Length < 4) return false;
        var hundreds = value[2] & 7;
        if (hundreds is < 3 or > 6 || value[3] > 99) return false;
        code = (hundreds * 100) + value[3];
        return true;
    }

    public bool TryGetXorMappedAddress(out TransportAddress address)
    {
        address = default;
        return TryGetAttribute(StunAttribute.XorMappedAddress, out var value) && StunAddress.TryReadXor(value, _data.Slice(4, 16), out address);
    }

    /// <summary>Reads an address from the value of an attribute encoded like XOR-MAPPED-ADDRESS (RFC 8656 sections 18.3 and 18.5).</summary>
    public bool TryReadXorAddress(ReadOnlySpan<byte> value, out TransportAddress address) => StunAddress.TryReadXor(value, _data.Slice(4, 16), out address);

    /// <summary>Iterates over the attributes that MESSAGE-INTEGRITY covers, including several of one type.</summary>
    /// <param name="position">0 for the first; then pass it on unchanged for the next.</param>
    /// <param name="type">The attribute's type.</param>
    /// <param name="value">Without padding.</param>
    /// <returns>False after the last.</returns>
    public bool TryReadNext(ref int position, out StunAttribute type, out ReadOnlySpan<byte> value)
    {
        if (position == 0) position = HeaderSize;
        type = default;
        value = default;
        if (position >= _attributesEnd) return false;
        type = (StunAttribute)BinaryPrimitives.ReadUInt16BigEndian(_data[position..]);
        var length = BinaryPrimitives.ReadUInt16BigEndian(_data[(position + 2)..]);
        value = _data.Slice(position + 4, length);
        position += 4 + Padded(length);
        return true;
    }

    /// <summary>
    /// Lists the attribute types below 0x8000 that are not <see cref="StunAttributeExtensions.IsKnown">known</see>.
    /// </summary>
    /// <returns>The number written; types that do not fit are omitted.</returns>
    public int GetUnknownRequired(Span<ushort> destination)
    {
        var count = 0;
        for (var position = HeaderSize; position < _attributesEnd && count < destination.Length;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(_data[position..]);
            if (type < 0x8000 && !((StunAttribute)type).IsKnown() && !destination[..count].Contains(type)) destination[count++] = type;
            position += 4 + Padded(BinaryPrimitives.ReadUInt16BigEndian(_data[(position + 2)..]));
        }

        return count;
    }

    internal static int Padded(int length) => (length + 3) & ~3;

    private static StunParseError CheckHeader(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < HeaderSize) return StunParseError.TooShort;
        if (datagram.Length > StunLimits.MaxMessageSize) return StunParseError.TooLong;
        if ((datagram[0] & 0xC0) != 0) return StunParseError.NotStun;
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != MagicCookie) return StunParseError.NoMagicCookie;
        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        return (length & 3) != 0 || length != datagram.Length - HeaderSize ? StunParseError.BadLength : StunParseError.None;
    }
}

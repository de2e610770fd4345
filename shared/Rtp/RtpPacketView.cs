using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>
/// An RTP packet as a view of a span; nothing is copied. RFC 3550 section 5.1:
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// |                           timestamp                           |
/// |           synchronization source (SSRC) identifier            |
/// |            contributing source (CSRC) identifiers ...         |
/// |      defined by profile       |           length (words)      |
/// |                        header extension ...                   |
/// </code>
/// </summary>
public readonly ref struct RtpPacketView
{
    private readonly int _extensionOffset;

    private RtpPacketView(ReadOnlySpan<byte> data, int extensionOffset, int headerLength, int paddingLength)
    {
        Data = data;
        _extensionOffset = extensionOffset;
        HeaderLength = headerLength;
        PaddingLength = paddingLength;
    }

    /// <summary>The whole packet, including padding.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Bytes before the payload: fixed header, CSRCs and extension block.</summary>
    public int HeaderLength { get; }

    /// <summary>Bytes of padding at the end, including the count byte; 0 without padding.</summary>
    public int PaddingLength { get; }

    public int Version => Data[0] >> 6;

    public bool HasPadding => (Data[0] & 0x20) != 0;

    public bool HasExtension => (Data[0] & 0x10) != 0;

    public int CsrcCount => Data[0] & 0x0F;

    public bool Marker => (Data[1] & 0x80) != 0;

    public byte PayloadType => (byte)(Data[1] & 0x7F);

    public ushort SequenceNumber => BinaryPrimitives.ReadUInt16BigEndian(Data[2..]);

    public uint Timestamp => BinaryPrimitives.ReadUInt32BigEndian(Data[4..]);

    public uint Ssrc => BinaryPrimitives.ReadUInt32BigEndian(Data[8..]);

    /// <summary>The "defined by profile" field: 0xBEDE, 0x100x, or a profile that this library does not parse; 0 without extensions.</summary>
    public ushort ExtensionProfile => HasExtension ? BinaryPrimitives.ReadUInt16BigEndian(Data[(_extensionOffset - 4)..]) : (ushort)0;

    public ReadOnlySpan<byte> ExtensionBlock => HasExtension ? Data[_extensionOffset..HeaderLength] : default;

    /// <summary>The elements of the extension block (RFC 8285), for a foreach.</summary>
    public RtpExtensionEnumerator Extensions => new(ExtensionProfile, ExtensionBlock);

    /// <summary>The payload without padding.</summary>
    public ReadOnlySpan<byte> Payload => Data[HeaderLength..^PaddingLength];

    public uint GetCsrc(int index) => BinaryPrimitives.ReadUInt32BigEndian(Data[(RtpLimits.FixedHeaderLength + (4 * index))..]);

    public bool TryGetExtension(int id, out ReadOnlySpan<byte> value)
    {
        foreach (var extension in Extensions)
        {
            if (extension.Id != id) continue;
            value = extension.Value;
            return true;
        }

        value = default;
        return false;
    }

    public static bool TryParse(ReadOnlySpan<byte> data, out RtpPacketView packet) => Parse(data, out packet) == RtpParseError.None;

    /// <summary>Parses a plain packet. For an encrypted one, whose padding count is encrypted too, use <see cref="ParseHeader"/>.</summary>
    public static RtpParseError Parse(ReadOnlySpan<byte> data, out RtpPacketView packet)
    {
        var error = ParseHeader(data, out packet);
        if (error != RtpParseError.None || !packet.HasPadding) return error;

        var padding = data[^1];
        if (padding == 0 || padding > data.Length - packet.HeaderLength)
        {
            packet = default;
            return RtpParseError.PaddingInvalid;
        }

        packet = new RtpPacketView(data, packet._extensionOffset, packet.HeaderLength, padding);
        return RtpParseError.None;
    }

    /// <summary>Parses without checking the padding: <see cref="Payload"/> then extends to the end of the data.</summary>
    public static RtpParseError ParseHeader(ReadOnlySpan<byte> data, out RtpPacketView packet)
    {
        packet = default;
        if (data.Length < RtpLimits.FixedHeaderLength) return RtpParseError.TooShort;
        if (data[0] >> 6 != 2) return RtpParseError.WrongVersion;

        var length = RtpLimits.FixedHeaderLength + (4 * (data[0] & 0x0F));
        var extensionOffset = 0;
        if ((data[0] & 0x10) != 0)
        {
            if (data.Length < length + 4) return RtpParseError.HeaderTruncated;
            extensionOffset = length + 4;
            length = extensionOffset + (4 * BinaryPrimitives.ReadUInt16BigEndian(data[(length + 2)..]));
        }

        if (data.Length < length) return RtpParseError.HeaderTruncated;
        packet = new RtpPacketView(data, extensionOffset, length, 0);
        return RtpParseError.None;
    }
}

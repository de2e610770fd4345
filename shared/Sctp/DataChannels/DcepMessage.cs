using System.Text;
using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.DataChannels;

/// <summary>
/// DATA_CHANNEL_OPEN; the ACK is the single octet 0x02.
/// <code>
///  type = 0x03 (8) | channel type (8) | priority (16)
///  reliability parameter (32)
///  label length (16) | protocol length (16)
///  label | protocol                                     RFC 8832 section 5.1
/// </code>
/// </summary>
internal static class DcepMessage
{
    internal const byte OpenType = 3;
    internal const byte AckType = 2;

    private const byte UnorderedFlag = 0x80;
    private const int HeaderLength = 12;

    internal static byte[] FormatOpen(DataChannelOptions options)
    {
        var label = Encoding.UTF8.GetBytes(options.Label);
        var protocol = Encoding.UTF8.GetBytes(options.Protocol);
        var bytes = new byte[HeaderLength + label.Length + protocol.Length];
        var (type, parameter) = options switch
        {
            { MaxRetransmits: { } count } => (1, (uint)count),
            { MaxLifetime: { } life } => (2, (uint)life.TotalMilliseconds),
            _ => (0, 0u),
        };
        var writer = new SpanWriter(bytes);
        writer.WriteByte(OpenType);
        writer.WriteByte((byte)(type | (options.Ordered ? 0 : UnorderedFlag)));
        writer.WriteUInt16(0);
        writer.WriteUInt32(parameter);
        writer.WriteUInt16((ushort)label.Length);
        writer.WriteUInt16((ushort)protocol.Length);
        writer.WriteBytes(label);
        writer.WriteBytes(protocol);
        return bytes;
    }

    internal static bool TryParseOpen(ReadOnlySpan<byte> data, out DataChannelOptions options)
    {
        options = null!;
        var reader = new SpanReader(data);
        var type = reader.ReadByte();
        var channelType = reader.ReadByte();
        reader.ReadUInt16();
        var parameter = reader.ReadUInt32();
        var labelLength = reader.ReadUInt16();
        var protocolLength = reader.ReadUInt16();
        var label = reader.ReadBytes(labelLength);
        var protocol = reader.ReadBytes(protocolLength);
        if (reader.Failed || type != OpenType || labelLength > SctpLimits.MaxLabel || protocolLength > SctpLimits.MaxLabel) return false;
        var kind = channelType & ~UnorderedFlag;
        if (kind > 2) return false;
        options = new DataChannelOptions
        {
            Label = Encoding.UTF8.GetString(label),
            Protocol = Encoding.UTF8.GetString(protocol),
            Ordered = (channelType & UnorderedFlag) == 0,
            MaxRetransmits = kind == 1 ? (int)Math.Min(parameter, int.MaxValue - 1) : null,
            MaxLifetime = kind == 2 ? TimeSpan.FromMilliseconds(parameter) : null,
        };
        return true;
    }
}

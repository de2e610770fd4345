using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>Block types of an XR packet (RFC 3611 section 4) that this library parses and writes.</summary>
public enum XrBlockType : byte
{
    ReceiverReferenceTime = 4,
    Dlrr = 5,
}

/// <summary>One DLRR sub-block (RFC 3611 section 4.5): SSRC of the receiver, its last RRTR as compact NTP, the delay since in 1/65536 s.</summary>
public readonly record struct DlrrEntry(uint Ssrc, uint LastReceiverReport, uint DelaySinceLastReceiverReport)
{
    public const int Length = 12;
}

public readonly ref struct XrBlock(byte type, ReadOnlySpan<byte> body)
{
    public XrBlockType Type => (XrBlockType)type;

    /// <summary>What follows the 4-byte block header.</summary>
    public ReadOnlySpan<byte> Body { get; } = body;

    /// <summary>Receiver reference time (section 4.4).</summary>
    public bool TryReadReferenceTime(out NtpTime time)
    {
        time = default;
        if (Type != XrBlockType.ReceiverReferenceTime || Body.Length < 8) return false;
        time = new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(Body));
        return true;
    }

    public int DlrrCount => Type == XrBlockType.Dlrr ? Body.Length / DlrrEntry.Length : 0;

    public DlrrEntry GetDlrr(int index)
    {
        var entry = Body.Slice(index * DlrrEntry.Length, DlrrEntry.Length);
        return new DlrrEntry(BinaryPrimitives.ReadUInt32BigEndian(entry), BinaryPrimitives.ReadUInt32BigEndian(entry[4..]), BinaryPrimitives.ReadUInt32BigEndian(entry[8..]));
    }
}

/// <summary>Iterates over the blocks of an XR packet (RFC 3611 section 3); ends at the first that does not fit.</summary>
public ref struct XrBlocks
{
    private ReadOnlySpan<byte> _rest;

    public XrBlocks(scoped in RtcpPacketView packet) =>
        _rest = packet.Type == RtcpPacketType.ExtendedReport && packet.Body.Length >= 4 ? packet.Body[4..] : default;

    public XrBlock Current { get; private set; }

    public readonly XrBlocks GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < 4) return false;
        var length = 4 * BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length > _rest.Length - 4) return false;
        Current = new XrBlock(_rest[0], _rest.Slice(4, length));
        _rest = _rest[(4 + length)..];
        return true;
    }
}

using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>
/// Iterates over the packets of a compound without copying. Reduced-size RTCP (RFC 5506) is accepted too: browsers send it. The iteration ends at the first
/// malformed packet; <see cref="Validate"/> returns the reason.
/// </summary>
public ref struct RtcpCompound(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;
    private int _count;

    public RtcpPacketView Current { get; private set; }

    /// <summary>Why the iteration ended; <see cref="RtcpParseError.None"/> while it continues and after a clean end.</summary>
    public RtcpParseError Error { get; private set; }

    /// <summary>RFC 5761 section 4: with RTP and RTCP on one port, a second byte of 192..223 is RTCP.</summary>
    public static bool IsRtcp(ReadOnlySpan<byte> packet) => packet.Length >= 2 && packet[0] >> 6 == 2 && packet[1] is >= 192 and <= 223;

    public readonly RtcpCompound GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty || Error != RtcpParseError.None) return false;
        if (_count++ == RtpLimits.MaxPacketsInCompound) return Fail(RtcpParseError.TooManyPackets);
        if (_rest.Length < 4) return Fail(RtcpParseError.TooShort);
        if (_rest[0] >> 6 != 2) return Fail(RtcpParseError.WrongVersion);

        var length = 4 * (BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) + 1);
        if (length > _rest.Length) return Fail(RtcpParseError.LengthExceedsData);
        var packet = _rest[..length];
        if ((packet[0] & 0x20) != 0)
        {
            var padding = packet[^1];
            if (padding == 0 || padding > length - 4) return Fail(RtcpParseError.PaddingInvalid);
            packet = packet[..^padding];
        }

        Current = new RtcpPacketView(packet);
        _rest = _rest[length..];
        return true;
    }

    public static RtcpParseError Validate(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return RtcpParseError.TooShort;
        var walk = new RtcpCompound(data);
        while (walk.MoveNext())
        {
        }

        return walk.Error;
    }

    private bool Fail(RtcpParseError error)
    {
        Error = error;
        _rest = default;
        return false;
    }
}

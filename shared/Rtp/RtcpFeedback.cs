using System.Buffers.Binary;
using System.Numerics;
using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp;

/// <summary>Iterates over the sequence numbers of a generic NACK (RFC 4585 section 6.2.1: PID and a bitmask of the 16 that follow).</summary>
public ref struct NackedSequenceNumbers
{
    private ReadOnlySpan<byte> _rest;
    private ushort _pid;
    private uint _bits;

    public NackedSequenceNumbers(scoped in RtcpPacketView packet) =>
        _rest = packet.Kind == RtcpKind.Nack ? packet.FeedbackControl : default;

    public ushort Current { get; private set; }

    public readonly NackedSequenceNumbers GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_bits == 0)
        {
            if (_rest.Length < 4) return false;
            _pid = BinaryPrimitives.ReadUInt16BigEndian(_rest);
            _bits = 1u | ((uint)BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) << 1);
            _rest = _rest[4..];
        }

        var next = BitOperations.TrailingZeroCount(_bits);
        _bits &= _bits - 1;
        Current = (ushort)(_pid + next);
        return true;
    }
}

/// <summary>One entry of a FIR (RFC 5104 section 4.3.1.1): the requested source and a counter that distinguishes a repetition from a new request.</summary>
public readonly record struct FirEntry(uint Ssrc, byte SequenceNumber)
{
    public const int Length = 8;
}

/// <summary>The entries of a FIR, by index.</summary>
public readonly ref struct FirEntries
{
    private readonly ReadOnlySpan<byte> _data;

    public FirEntries(scoped in RtcpPacketView packet) => _data = packet.Kind == RtcpKind.Fir ? packet.FeedbackControl : default;

    public int Count => _data.Length / FirEntry.Length;

    public FirEntry this[int index]
    {
        get
        {
            var entry = _data.Slice(index * FirEntry.Length, FirEntry.Length);
            return new FirEntry(BinaryPrimitives.ReadUInt32BigEndian(entry), entry[4]);
        }
    }
}

/// <summary>
/// REMB (draft-alvestrand-rmcat-remb-03 section 2.2): <c>"REMB" | num SSRC (8) | exponent (6) | mantissa (18) | SSRCs</c>.
/// </summary>
public readonly ref struct RembView
{
    private readonly ReadOnlySpan<byte> _ssrcs;

    private RembView(Bitrate bitrate, ReadOnlySpan<byte> ssrcs)
    {
        Bitrate = bitrate;
        _ssrcs = ssrcs;
    }

    /// <summary>Saturates at 2^63 - 1.</summary>
    public Bitrate Bitrate { get; }

    public int SsrcCount => _ssrcs.Length / 4;

    public uint GetSsrc(int index) => BinaryPrimitives.ReadUInt32BigEndian(_ssrcs[(4 * index)..]);

    public static bool TryParse(scoped in RtcpPacketView packet, out RembView remb)
    {
        remb = default;
        if (packet.Kind != RtcpKind.Remb || packet.Body.Length < 16) return false;
        var word = BinaryPrimitives.ReadUInt32BigEndian(packet.Body[12..]);
        var count = (int)(word >> 24);
        if (packet.Body.Length < 16 + (4 * count)) return false;
        var exponent = (int)((word >> 18) & 0x3F);
        var mantissa = (UInt128)(word & 0x3_FFFF) << exponent;
        remb = new RembView(new Bitrate(mantissa > long.MaxValue ? long.MaxValue : (long)mantissa), packet.Body.Slice(16, 4 * count));
        return true;
    }
}

using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>One item of an SDES chunk (RFC 3550 section 6.5): type 1 is CNAME.</summary>
public readonly ref struct SdesItem(uint ssrc, byte type, ReadOnlySpan<byte> text)
{
    public const byte Cname = 1;

    public uint Ssrc { get; } = ssrc;

    public byte Type { get; } = type;

    /// <summary>UTF-8.</summary>
    public ReadOnlySpan<byte> Text { get; } = text;
}

/// <summary>Iterates over all items of all chunks of an SDES packet; ends at the first item that does not fit.</summary>
public ref struct SdesItems
{
    private readonly ReadOnlySpan<byte> _body;
    private int _position;
    private int _chunksLeft;
    private bool _inChunk;
    private uint _ssrc;

    public SdesItems(scoped in RtcpPacketView packet)
    {
        _body = packet.Body;
        _chunksLeft = packet.Type == RtcpPacketType.SourceDescription ? packet.Count : 0;
    }

    public SdesItem Current { get; private set; }

    public readonly SdesItems GetEnumerator() => this;

    public bool MoveNext()
    {
        while (true)
        {
            if (!_inChunk)
            {
                if (_chunksLeft == 0 || _body.Length - _position < 4) return false;
                _chunksLeft--;
                _ssrc = BinaryPrimitives.ReadUInt32BigEndian(_body[_position..]);
                _position += 4;
                _inChunk = true;
            }

            if (_position >= _body.Length) return false;
            var type = _body[_position];
            if (type == 0)
            {
                // "The list of items in each chunk MUST be terminated by one or more null octets … to the next 32-bit boundary."
                _position = (_position + 4) & ~3;
                _inChunk = false;
                continue;
            }

            if (_body.Length - _position < 2) return false;
            var length = _body[_position + 1];
            if (_body.Length - _position - 2 < length) return false;
            Current = new SdesItem(_ssrc, type, _body.Slice(_position + 2, length));
            _position += 2 + length;
            return true;
        }
    }
}

/// <summary>BYE (RFC 3550 section 6.6).</summary>
public readonly ref struct ByeView
{
    private readonly ReadOnlySpan<byte> _ssrcs;

    private ByeView(ReadOnlySpan<byte> ssrcs, ReadOnlySpan<byte> reason)
    {
        _ssrcs = ssrcs;
        Reason = reason;
    }

    public int Count => _ssrcs.Length / 4;

    /// <summary>UTF-8; empty when absent.</summary>
    public ReadOnlySpan<byte> Reason { get; }

    public uint this[int index] => BinaryPrimitives.ReadUInt32BigEndian(_ssrcs[(4 * index)..]);

    public static bool TryParse(scoped in RtcpPacketView packet, out ByeView bye)
    {
        bye = default;
        var body = packet.Body;
        var length = 4 * packet.Count;
        if (packet.Type != RtcpPacketType.Bye || body.Length < length) return false;
        var rest = body[length..];
        ReadOnlySpan<byte> reason = default;
        if (!rest.IsEmpty)
        {
            if (rest[0] > rest.Length - 1) return false;
            reason = rest.Slice(1, rest[0]);
        }

        bye = new ByeView(body[..length], reason);
        return true;
    }
}

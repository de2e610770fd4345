using System.Buffers.Binary;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>
/// The last decrypted packets of one encoding, stored once for all receivers. A receiver remembers a position; reading fails when the ring has overwritten it. Grows to hold
/// about a second, up to <see cref="MaxBytes"/>.
/// </summary>
internal sealed class PacketRing
{
    /// <summary>A second at 8 Mbps. Of a faster encoding the ring keeps less than a second.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const int InitialBytes = 16 * 1024;
    private const int HeaderLength = 12;
    private static readonly TimeSpan Wanted = TimeSpan.FromSeconds(1);

    private byte[] _buffer = [];
    private long _head;
    private long _tail;

    /// <summary>Stores payload, descriptor and orientation, and returns the position.</summary>
    public long Append(in IngressPacket packet)
    {
        var length = (HeaderLength + packet.Descriptor.Length + packet.Payload.Length + 3) & ~3;
        if (_buffer.Length == 0) _buffer = new byte[InitialBytes];
        if (length > InitialBytes / 2) return -1;
        MakeRoom(length, packet.Arrival);

        var position = _head;
        var at = (int)(position & (_buffer.Length - 1));
        var record = _buffer.AsSpan(at, length);
        BinaryPrimitives.WriteInt32LittleEndian(record, length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[4..], (ushort)packet.Payload.Length);
        record[6] = (byte)packet.Descriptor.Length;
        record[7] = packet.Orientation < 0 ? (byte)0xFF : (byte)packet.Orientation;

        // Milliseconds are precise enough to tell whether the oldest record is younger than a second.
        BinaryPrimitives.WriteUInt32LittleEndian(record[8..], (uint)packet.Arrival.TotalMilliseconds);
        packet.Descriptor.CopyTo(record[HeaderLength..]);
        packet.Payload.CopyTo(record[(HeaderLength + packet.Descriptor.Length)..]);
        _head += length;
        return position;
    }

    public bool TryRead(long position, out ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> descriptor, out int orientation)
    {
        payload = descriptor = default;
        orientation = -1;
        if (position < _tail || position >= _head) return false;
        var record = _buffer.AsSpan((int)(position & (_buffer.Length - 1)));
        var payloadLength = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        var descriptorLength = record[6];
        orientation = record[7] == 0xFF ? -1 : record[7];
        descriptor = record.Slice(HeaderLength, descriptorLength);
        payload = record.Slice(HeaderLength + descriptorLength, payloadLength);
        return true;
    }

    private void MakeRoom(int length, MonotonicTime now)
    {
        // A record never wraps around the end: the rest of the ring is skipped.
        var toEnd = _buffer.Length - (int)(_head & (_buffer.Length - 1));
        var needed = length <= toEnd ? length : toEnd + length;
        if (_head + needed - _tail > _buffer.Length && _buffer.Length < MaxBytes && OldestIsYoung(now))
        {
            Grow();
            toEnd = _buffer.Length - (int)(_head & (_buffer.Length - 1));
        }

        if (length > toEnd)
        {
            FreeTo(_head + toEnd);
            if (toEnd >= 4) BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan((int)(_head & (_buffer.Length - 1))), toEnd);
            if (_tail == _head) _tail += toEnd;
            _head += toEnd;
        }

        FreeTo(_head + length);
    }

    /// <summary>Positions stay valid: a record lies within one turn of the small ring, and a turn of the large one is several of those.</summary>
    private void Grow()
    {
        var old = _buffer;
        _buffer = new byte[old.Length * 4];
        for (var position = _tail; position < _head;)
        {
            var from = (int)(position & (old.Length - 1));
            var length = (int)Math.Min(_head - position, old.Length - from);
            old.AsSpan(from, length).CopyTo(_buffer.AsSpan((int)(position & (_buffer.Length - 1))));
            position += length;
        }
    }

    private void FreeTo(long newHead)
    {
        while (newHead - _tail > _buffer.Length)
        {
            _tail += BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan((int)(_tail & (_buffer.Length - 1))));
        }
    }

    private bool OldestIsYoung(MonotonicTime now)
    {
        if (_tail == _head) return false;
        if ((int)(_tail & (_buffer.Length - 1)) + HeaderLength > _buffer.Length) return true;
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan((int)(_tail & (_buffer.Length - 1)) + 8));
        return (uint)now.TotalMilliseconds - stored < (uint)Wanted.TotalMilliseconds;
    }
}

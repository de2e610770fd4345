using System.Buffers.Binary;

namespace JitsiMesh.Ice.Tcp;

/// <summary>
/// The queue of frames (RFC 4571) for a TCP stream. A frame is added as a whole or not at all, so a slow reader loses
/// packets but never gets a partial one. One writer and one taker, each on its own thread.
/// </summary>
/// <param name="initial">Initial size in bytes, a power of two.</param>
/// <param name="max">Maximum size in bytes, a power of two.</param>
public sealed class FrameQueue(int initial, int max)
{
    private readonly Lock _gate = new();
    private byte[] _buffer = new byte[initial];
    private long _written;
    private long _taken;

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _written == _taken;
        }
    }

    public int Length
    {
        get
        {
            lock (_gate) return (int)(_written - _taken);
        }
    }

    /// <summary>Adds a frame; false when it does not fit as a whole.</summary>
    public bool TryAdd(ReadOnlySpan<byte> frame)
    {
        Span<byte> header = stackalloc byte[FrameReader.HeaderSize];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)frame.Length);
        lock (_gate)
        {
            if (!MakeRoom(header.Length + frame.Length)) return false;
            Write(header);
            Write(frame);
            return true;
        }
    }

    /// <summary>Adds unframed bytes: a hello before all frames.</summary>
    public bool TryAddRaw(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (!MakeRoom(bytes.Length)) return false;
            Write(bytes);
            return true;
        }
    }

    /// <summary>The next contiguous bytes to write to the stream; they stay unchanged until <see cref="Advance"/>.</summary>
    public Memory<byte> Next()
    {
        lock (_gate)
        {
            var at = (int)(_taken & (_buffer.Length - 1));
            return _buffer.AsMemory(at, (int)Math.Min(_written - _taken, _buffer.Length - at));
        }
    }

    /// <summary>Removes bytes that were written.</summary>
    public void Advance(int count)
    {
        lock (_gate) _taken += count;
    }

    private bool MakeRoom(int count)
    {
        var needed = _written - _taken + count;
        if (needed <= _buffer.Length) return true;
        if (needed > max) return false;
        var size = _buffer.Length;
        while (size < needed) size *= 2;

        // The taker may be using the old buffer: it is left unchanged, and the counters continue in the new one.
        var larger = new byte[size];
        for (var at = _taken; at < _written; at++) larger[at & (size - 1)] = _buffer[at & (_buffer.Length - 1)];
        _buffer = larger;
        return true;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        var at = (int)(_written & (_buffer.Length - 1));
        var first = Math.Min(bytes.Length, _buffer.Length - at);
        bytes[..first].CopyTo(_buffer.AsSpan(at));
        bytes[first..].CopyTo(_buffer);
        _written += bytes.Length;
    }
}

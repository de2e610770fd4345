using System.Buffers.Binary;

namespace JitsiMesh.Ice.Tcp;

/// <summary>The result of a read.</summary>
public enum FrameRead
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>A complete frame.</summary>
    Frame,

    /// <summary>The other side's hello of ssltcp, once, before all frames.</summary>
    Hello,

    /// <summary>A frame longer than the limit: the stream cannot be used any more.</summary>
    TooLong,

    /// <summary>The stream began like ssltcp but did not continue so: the stream cannot be used any more.</summary>
    BadHello,
}

/// <summary>Which hello may or must begin a stream.</summary>
public enum FrameStart
{
    /// <summary>Frames from the first byte.</summary>
    Plain,

    /// <summary>The server side: frames, or the client's hello and then frames.</summary>
    PerhapsClientHello,

    /// <summary>The client side of ssltcp: the server's hello, then frames.</summary>
    ServerHello,
}

/// <summary>
/// Extracts the frames of RFC 4571 (a length of two bytes, big-endian, then the payload) from a TCP stream. Bytes are received into
/// <see cref="Free"/>; frames are returned in place, so only the rest of an incomplete frame is copied. Not thread-safe.
/// </summary>
public sealed class FrameReader
{
    public const int HeaderSize = 2;

    private readonly byte[] _buffer;
    private readonly int _maxFrame;
    private FrameStart _start;
    private FrameRead _broken;
    private int _read;
    private int _filled;

    /// <param name="maxFrame">The longest accepted frame, in bytes.</param>
    /// <param name="start">How the stream may begin.</param>
    public FrameReader(int maxFrame, FrameStart start)
    {
        _maxFrame = maxFrame;
        _start = start;
        _buffer = new byte[Math.Max(HeaderSize + maxFrame, SslTcpHandshake.ServerHello.Length) * 2];
    }

    /// <summary>Whether the stream began with the hello of ssltcp.</summary>
    public bool IsSslTcp { get; private set; }

    /// <summary>The buffer to receive into; never empty after <see cref="TryRead"/> returned <see cref="FrameRead.Incomplete"/>.</summary>
    public Memory<byte> Free => _buffer.AsMemory(_filled);

    public void Added(int count) => _filled += count;

    /// <param name="frame">Valid until more bytes are received.</param>
    public FrameRead TryRead(out ReadOnlySpan<byte> frame)
    {
        frame = default;
        if (_broken != FrameRead.Incomplete) return _broken;
        var bytes = _buffer.AsSpan(_read, _filled - _read);
        if (_start != FrameStart.Plain && !bytes.IsEmpty)
        {
            var hello = _start == FrameStart.ServerHello ? SslTcpHandshake.ServerHello : SslTcpHandshake.ClientHello;
            if (_start == FrameStart.ServerHello || bytes[0] == hello[0]) return ReadHello(bytes, hello);
            _start = FrameStart.Plain;
        }

        if (bytes.Length < HeaderSize) return Wait();
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (length > _maxFrame) return _broken = FrameRead.TooLong;
        if (bytes.Length < HeaderSize + length) return Wait();
        frame = bytes.Slice(HeaderSize, length);
        _read += HeaderSize + length;
        return FrameRead.Frame;
    }

    private FrameRead ReadHello(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> hello)
    {
        var common = Math.Min(bytes.Length, hello.Length);
        if (!bytes[..common].SequenceEqual(hello[..common])) return _broken = FrameRead.BadHello;
        if (common < hello.Length) return Wait();
        _read += hello.Length;
        _start = FrameStart.Plain;
        IsSslTcp = true;
        return FrameRead.Hello;
    }

    /// <summary>Makes room after the received bytes.</summary>
    private FrameRead Wait()
    {
        if (_read > 0)
        {
            _buffer.AsSpan(_read, _filled - _read).CopyTo(_buffer);
            _filled -= _read;
            _read = 0;
        }

        return FrameRead.Incomplete;
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Load;

/// <summary>One client's UDP socket: batched calls, and the kernel's timestamp of each datagram. Used by one thread.</summary>
internal sealed unsafe class LoadSocket : IDisposable
{
    public const int Batch = 64;
    private const int BufferSize = 2048;
    private const int NameSize = 32;
    private const int ControlSize = 64;
    private const int SolSocket = 1;
    private const int TimestampNanoseconds = 35;
    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly byte* _memory;
    private readonly byte* _received;
    private readonly byte* _toSend;
    private readonly Native.MMsgHdr* _receiveMessages;
    private readonly Native.MMsgHdr* _sendMessages;
    private readonly Native.IoVec* _vectors;
    private readonly byte* _names;
    private readonly byte* _controls;
    private int _queued;

    public LoadSocket(IPAddress address, int port)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = 8 << 20, SendBufferSize = 8 << 20 };
        _socket.Bind(new IPEndPoint(address, port));
        _socket.SetRawSocketOption(SolSocket, TimestampNanoseconds, [1, 0, 0, 0]);
        Local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        _descriptor = (int)_socket.Handle;

        const int size = 2 * Batch * (BufferSize + NameSize + sizeof(long) * 8 + 16) + (Batch * ControlSize);
        _memory = (byte*)NativeMemory.AllocZeroed(size);
        _received = _memory;
        _toSend = _received + (Batch * BufferSize);
        _receiveMessages = (Native.MMsgHdr*)(_toSend + (Batch * BufferSize));
        _sendMessages = _receiveMessages + Batch;
        _vectors = (Native.IoVec*)(_sendMessages + Batch);
        _names = (byte*)(_vectors + (2 * Batch));
        _controls = _names + (2 * Batch * NameSize);
        var template = new IPEndPoint(IPAddress.Loopback, port).Serialize().Buffer.Span;
        for (var i = 0; i < Batch; i++)
        {
            _vectors[i] = new Native.IoVec { Base = _received + (i * BufferSize), Length = BufferSize };
            _receiveMessages[i].Header = new Native.MsgHdr { Name = _names + (i * NameSize), Vectors = _vectors + i, VectorCount = 1, Control = _controls + (i * ControlSize) };
            _vectors[Batch + i].Base = _toSend + (i * BufferSize);
            var name = _names + ((Batch + i) * NameSize);
            template[..2].CopyTo(new Span<byte>(name, 2));
            _sendMessages[i].Header = new Native.MsgHdr { Name = name, NameLength = SocketAddressFormat.IPv4Length, Vectors = _vectors + Batch + i, VectorCount = 1 };
        }
    }

    public TransportAddress Local { get; }

    /// <summary>Datagrams that the kernel refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Receives up to <see cref="Batch"/> datagrams without blocking; valid until the next call.</summary>
    public int Receive()
    {
        for (var i = 0; i < Batch; i++)
        {
            _receiveMessages[i].Header.NameLength = NameSize;
            _receiveMessages[i].Header.ControlLength = ControlSize;
        }

        return Math.Max(Native.ReceiveMany(_descriptor, _receiveMessages, Batch, Native.MsgDontWait, null), 0);
    }

    /// <param name="index">Within the batch.</param>
    /// <param name="from">The sender's address.</param>
    /// <param name="arrived">Nanoseconds since 1970, as the kernel stamped it when the sender's call delivered it.</param>
    public Span<byte> Received(int index, out TransportAddress from, out long arrived)
    {
        ref var message = ref _receiveMessages[index];
        from = SocketAddressFormat.Read(new ReadOnlySpan<byte>(_names + (index * NameSize), SocketAddressFormat.IPv4Length), ipv6: false);

        // struct cmsghdr: length, level, type; then struct timespec.
        var control = _controls + (index * ControlSize);
        arrived = message.Header.ControlLength >= 32 && *(int*)(control + 12) == TimestampNanoseconds ? (*(long*)(control + 16) * 1_000_000_000) + *(long*)(control + 24) : 0;
        return new Span<byte>(_received + (index * BufferSize), (int)message.Length);
    }

    public Span<byte> Rent()
    {
        if (_queued == Batch) Flush();
        return new Span<byte>(_toSend + (_queued * BufferSize), BufferSize);
    }

    public void Commit(int length, in TransportAddress to)
    {
        _vectors[Batch + _queued].Length = (nuint)length;
        SocketAddressFormat.Write(new Span<byte>(_sendMessages[_queued].Header.Name, NameSize), ipv6: false, to);
        _queued++;
    }

    public void Flush()
    {
        for (var done = 0; done < _queued;)
        {
            var sent = Native.SendMany(_descriptor, _sendMessages + done, (uint)(_queued - done), Native.MsgDontWait | Native.MsgNoSignal);
            if (sent <= 0) Refused++;
            done += Math.Max(sent, 1);
        }

        _queued = 0;
    }

    public void Dispose()
    {
        _socket.Dispose();
        NativeMemory.Free(_memory);
    }
}

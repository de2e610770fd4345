using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using JitsiMesh.Ice;
using JitsiMesh.Ice.Tcp;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>
/// One client's TCP connection. Reads and writes run on the thread pool, never on the media thread, which only puts whole frames into <see cref="FrameQueue"/>. Allocates
/// nothing per frame.
/// </summary>
/// <remarks>Nothing before the first authentic check is trusted: the first frame must be a check, and the media thread decides whether it belongs to an endpoint.</remarks>
internal sealed class TcpConnection : IThreadPoolWorkItem, IDisposable
{
    private readonly Socket _socket;
    private readonly TcpMediaPort _port;
    private readonly FrameReader _reader = new(PortLimits.BufferSize, FrameStart.PerhapsClientHello);
    private readonly FrameQueue _queue = new(IceTcpLimits.FirstSendQueue, IceTcpLimits.MaxSendQueue);
    private readonly SocketAsyncEventArgs _receiving = new();
    private readonly SocketAsyncEventArgs _writing = new();
    private int _writes;
    private int _closed;
    private long _writeBegan;
    private bool _over;
    private volatile BridgeEndpoint? _owner;

    public TcpConnection(Socket socket, IPEndPoint remote, TcpMediaPort port, long now)
    {
        _socket = socket;
        _port = port;
        Address = remote.Address;
        Remote = TransportAddress.From(remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address, remote.Port) with { IsTcp = true };
        OpenedAt = LastHeard = now;
        _receiving.Completed += OnReceived;
        _writing.Completed += OnWritten;
    }

    public IPAddress Address { get; }

    public TransportAddress Remote { get; }

    public long OpenedAt { get; }

    /// <summary>Milliseconds of <see cref="TcpMediaPort.Now"/>.</summary>
    public long LastHeard { get; private set; }

    /// <summary>The connection's frames in <see cref="ArrivedFrames"/>, which maintains the count.</summary>
    public int Queued { get; set; }

    /// <summary>The media thread knows the connection. Written by that thread.</summary>
    public bool IsKnown { get; set; }

    /// <summary>A frame of the connection was passed to the media thread.</summary>
    public bool HasDelivered { get; set; }

    /// <summary>Bytes were queued since the last flush. Written by the media thread.</summary>
    public bool IsDirty { get; set; }

    /// <summary>The endpoint of the connection; null until it is authenticated.</summary>
    public BridgeEndpoint? Owner => _owner;

    public bool IsSslTcp => _reader.IsSslTcp;

    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>The endpoint ended: the next sweep closes the connection.</summary>
    public bool IsOver
    {
        get => Volatile.Read(ref _over);
        set => Volatile.Write(ref _over, value);
    }

    public LinkedListNode<TcpConnection>? WaitingNode { get; set; }

    public LinkedListNode<TcpConnection>? WaitingOfAddress { get; set; }

    /// <summary>Since when the output waits; 0 when nothing waits.</summary>
    public long WriteBegan => Volatile.Read(ref _writeBegan);

    public void Start()
    {
        _socket.NoDelay = true;
        _socket.SendBufferSize = IceTcpLimits.SocketSendBuffer;
        Receive();
    }

    public void Identify(BridgeEndpoint owner) => _owner = owner;

    /// <summary>Queues a frame; <see cref="Kick"/> writes it. False: the frame was dropped.</summary>
    public bool TrySend(ReadOnlySpan<byte> frame) => !IsClosed && _queue.TryAdd(frame);

    /// <summary>Starts writing the queued frames on another thread.</summary>
    public void Kick()
    {
        if (Interlocked.CompareExchange(ref _writes, 1, 0) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        try
        {
            Write();
        }
        catch (Exception e)
        {
            // On the thread pool an exception would not be caught elsewhere.
            Close(e is ObjectDisposedException or SocketException ? TcpCloseReason.Remote : TcpCloseReason.Fault);
        }
    }

    public void Close(TcpCloseReason reason)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        _port.Admission.CountClosed(reason);
        _socket.Dispose();
        _receiving.Dispose();
        _writing.Dispose();
        _port.OnClosed(this);
    }

    public void Dispose() => Close(TcpCloseReason.Shutdown);

    private void Receive()
    {
        try
        {
            while (true)
            {
                _receiving.SetBuffer(_reader.Free);
                if (_socket.ReceiveAsync(_receiving) || !Take()) return;
            }
        }
        catch (Exception e)
        {
            // On the thread pool an exception would not be caught elsewhere.
            Close(e is ObjectDisposedException or SocketException ? TcpCloseReason.Remote : TcpCloseReason.Fault);
        }
    }

    private void OnReceived(object? sender, SocketAsyncEventArgs args)
    {
        try
        {
            if (!Take()) return;
        }
        catch (Exception)
        {
            Close(TcpCloseReason.Fault);
            return;
        }

        Receive();
    }

    /// <summary>Processes the received bytes; false when the connection must be closed.</summary>
    private bool Take()
    {
        if (_receiving.SocketError != SocketError.Success || _receiving.BytesTransferred == 0)
        {
            Close(TcpCloseReason.Remote);
            return false;
        }

        _reader.Added(_receiving.BytesTransferred);
        while (true)
        {
            switch (_reader.TryRead(out var frame))
            {
                case FrameRead.Incomplete:
                    return !IsClosed;
                case FrameRead.Hello:
                    _queue.TryAddRaw(SslTcpHandshake.ServerHello);
                    Kick();
                    break;
                case FrameRead.Frame when frame.IsEmpty:
                    // RFC 4571 section 2: a null packet, which has no meaning.
                    break;
                case FrameRead.Frame:
                    LastHeard = _port.Now;
                    if (!Deliver(frame)) return false;
                    break;
                default:
                    Close(TcpCloseReason.BadFraming);
                    return false;
            }
        }
    }

    private bool Deliver(ReadOnlySpan<byte> frame)
    {
        if (_owner is null)
        {
            if (!StunDemux.TryGetLocalUfrag(frame, out _))
            {
                Close(TcpCloseReason.NotStun);
                return false;
            }

            if (Queued >= IceTcpLimits.MaxWaitingFrames) return true;
        }

        _port.Arrived(this, frame);
        return true;
    }

    private void Write()
    {
        while (!IsClosed)
        {
            var bytes = _queue.Next();
            if (bytes.IsEmpty)
            {
                Volatile.Write(ref _writeBegan, 0);
                Volatile.Write(ref _writes, 0);

                // Another thread may have queued a frame in between, because it saw a write in progress.
                if (_queue.IsEmpty || Interlocked.CompareExchange(ref _writes, 1, 0) != 0) return;
                continue;
            }

            Volatile.Write(ref _writeBegan, _port.Now);
            _writing.SetBuffer(bytes);
            if (_socket.SendAsync(_writing) || !Written()) return;
        }
    }

    private void OnWritten(object? sender, SocketAsyncEventArgs args)
    {
        if (Written()) Execute();
    }

    private bool Written()
    {
        if (_writing.SocketError != SocketError.Success)
        {
            Close(TcpCloseReason.Remote);
            return false;
        }

        _queue.Advance(_writing.BytesTransferred);
        return true;
    }
}

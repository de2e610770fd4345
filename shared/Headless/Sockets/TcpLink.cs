using System.Net;
using System.Net.Sockets;
using JitsiMesh.Ice.Tcp;
using JitsiMesh.Primitives;

namespace JitsiMesh.Headless.Sockets;

/// <summary>An endpoint's connection to a passive TCP candidate (RFC 6544), plain or with the pseudo TLS of ssltcp. Used on the runner's thread.</summary>
internal sealed class TcpLink : IDisposable
{
    private const int MaxFrame = 2048;
    private readonly Socket _socket;
    private readonly FrameReader _reader;
    private readonly FrameQueue _queue = new(1 << 16, 1 << 20);

    private TcpLink(Socket socket, TransportAddress local, TransportAddress remote, bool ssl)
    {
        _socket = socket;
        Local = local;
        Remote = remote;
        _reader = new FrameReader(MaxFrame, ssl ? FrameStart.ServerHello : FrameStart.Plain);
        if (ssl) _queue.TryAddRaw(SslTcpHandshake.ClientHello);
    }

    public TransportAddress Local { get; }

    public TransportAddress Remote { get; }

    public bool IsClosed { get; private set; }

    /// <summary>Stops reading, like a receiver that is too slow.</summary>
    public bool IsStuck { get; set; }

    /// <exception cref="SocketException">The connection was refused or timed out.</exception>
    /// <exception cref="OperationCanceledException">Not in time.</exception>
    public static async Task<TcpLink> OpenAsync(TransportAddress remote, bool ssl, IPAddress? local, CancellationToken cancellation)
    {
        var address = remote.ToIPEndPoint();
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (local is not null) socket.Bind(new IPEndPoint(local, 0));
            await socket.ConnectAsync(address, cancellation).ConfigureAwait(false);
            socket.Blocking = false;
            return new TcpLink(socket, TransportAddress.From((IPEndPoint)socket.LocalEndPoint!) with { IsTcp = true }, remote, ssl);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Passes on every complete frame that has arrived.</summary>
    public void Receive(Action<byte[], int> frame, byte[] buffer)
    {
        if (IsStuck) return;
        while (!IsClosed)
        {
            var count = _socket.Receive(_reader.Free.Span, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return;
            if (error != SocketError.Success || count == 0)
            {
                IsClosed = true;
                return;
            }

            _reader.Added(count);
            FrameRead read;
            while ((read = _reader.TryRead(out var bytes)) is FrameRead.Frame or FrameRead.Hello)
            {
                if (read == FrameRead.Hello) continue;
                bytes.CopyTo(buffer);
                frame(buffer, bytes.Length);
            }

            IsClosed |= read != FrameRead.Incomplete;
        }
    }

    /// <summary>False when there is no room: the frame is lost.</summary>
    public bool Send(ReadOnlySpan<byte> datagram) => !IsClosed && _queue.TryAdd(datagram);

    /// <summary>Writes as much as the socket accepts.</summary>
    public void Flush()
    {
        while (!IsClosed && _queue.Next() is { IsEmpty: false } bytes)
        {
            var count = _socket.Send(bytes.Span, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return;
            if (error != SocketError.Success)
            {
                IsClosed = true;
                return;
            }

            _queue.Advance(count);
        }
    }

    public void Dispose()
    {
        IsClosed = true;
        _socket.Dispose();
    }
}

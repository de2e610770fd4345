using System.Net;
using System.Net.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>One <see cref="Socket"/> call for each datagram: the fallback where recvmmsg is unavailable, and the reference in tests.</summary>
internal sealed class ManagedDatagramPort : IDatagramPort
{
    private readonly Socket _socket;
    private readonly bool _ipv6;
    private readonly byte[] _receiveBuffers = GC.AllocateArray<byte>(PortLimits.ReceiveBatch * PortLimits.BufferSize, pinned: true);
    private readonly int[] _receiveLengths = new int[PortLimits.ReceiveBatch];
    private readonly TransportAddress[] _receiveRemotes = new TransportAddress[PortLimits.ReceiveBatch];
    private readonly SocketAddress _receiveName;
    private readonly SocketAddress _sendName;
    private readonly byte[] _sendBuffer = GC.AllocateArray<byte>(PortLimits.BufferSize, pinned: true);

    public ManagedDatagramPort(IPEndPoint bind)
    {
        _socket = PortSocket.Bind(bind);
        Buffers = PortSocket.Buffers(_socket);
        _ipv6 = bind.AddressFamily == AddressFamily.InterNetworkV6;
        Local = TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);
        _receiveName = bind.Serialize();
        _sendName = bind.Serialize();
    }

    public TransportAddress Local { get; }

    public PortCounters Counters { get; } = new();

    public SocketBuffers Buffers { get; }

    internal Socket Socket => _socket;

    public int Receive()
    {
        var count = 0;
        while (count < PortLimits.ReceiveBatch && _socket.Available > 0)
        {
            var slot = count * PortLimits.BufferSize;
            try
            {
                var length = _socket.ReceiveFrom(_receiveBuffers.AsSpan(slot, PortLimits.BufferSize), SocketFlags.None, _receiveName);
                _receiveLengths[count] = length;
                _receiveRemotes[count] = SocketAddressFormat.Read(_receiveName.Buffer.Span, _ipv6);
                Counters.BytesReceived += length;
                count++;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                break;
            }
            catch (SocketException)
            {
                // Truncated (MessageSize) or an ICMP error for an earlier send (ConnectionReset): this datagram is lost, the socket still works.
                Counters.Truncated++;
                break;
            }
        }

        if (count > 0) Counters.ReceiveCalls++;
        Counters.DatagramsReceived += count;
        return count;
    }

    public Span<byte> Received(int index, out TransportAddress remote)
    {
        remote = _receiveRemotes[index];
        return _receiveBuffers.AsSpan(index * PortLimits.BufferSize, _receiveLengths[index]);
    }

    public TimeSpan Waited(int index) => TimeSpan.Zero;

    public Span<byte> Rent() => _sendBuffer;

    public void Commit(int length, in TransportAddress remote)
    {
        if (remote.IsIPv4 == _ipv6)
        {
            Counters.SendDropped++;
            return;
        }

        SocketAddressFormat.Write(_sendName.Buffer.Span, _ipv6, remote);
        Counters.SendCalls++;
        try
        {
            _socket.SendTo(_sendBuffer.AsSpan(0, length), SocketFlags.None, _sendName);
            Counters.DatagramsSent++;
            Counters.BytesSent += length;
        }
        catch (SocketException)
        {
            // The queue is full or there is no route; UDP gives no guarantee.
            Counters.SendDropped++;
        }
    }

    public void Flush()
    {
    }

    public void Dispose() => _socket.Dispose();
}

using System.Net;
using System.Net.Sockets;
using JitsiMesh.Primitives;
using JitsiMesh.Turn;
using JitsiMesh.Turn.Server;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>The relayed transport address of one allocation: a UDP socket of its own, since a bridge distinguishes its clients by address.</summary>
internal sealed class RelaySocket : ITurnRelay
{
    private readonly TurnRelay _relay;
    private readonly TurnAllocation _allocation;
    private readonly Socket _socket;
    private readonly SocketAddress _to;

    public RelaySocket(TurnRelay relay, TurnAllocation allocation, Socket socket, TransportAddress address)
    {
        _relay = relay;
        _allocation = allocation;
        _socket = socket;
        _to = SocketAddresses.Create(socket.AddressFamily);
        Address = address;
    }

    public TransportAddress Address { get; }

    /// <summary>For one caller at a time: the reader of the client's connection.</summary>
    public void Send(ReadOnlySpan<byte> data, in TransportAddress peer)
    {
        try
        {
            SocketAddresses.Write(_to, peer);
            _socket.SendTo(data, SocketFlags.None, _to);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // No route, or the allocation has just ended: the datagram is lost.
        }
    }

    /// <summary>Passes on packets from peers until the allocation ends.</summary>
    public async Task ReceiveAsync()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(TurnLimits.Headroom + TurnLimits.DataOctets + TurnLimits.Tailroom);
        var room = buffer.AsMemory(TurnLimits.Headroom, TurnLimits.DataOctets);
        var from = SocketAddresses.Create(_socket.AddressFamily);
        for (var errors = 0; errors < TurnHostLimits.SocketErrors;)
        {
            try
            {
                var length = await _socket.ReceiveFromAsync(room, SocketFlags.None, from);
                errors = 0;
                _relay.FromPeer(_allocation, SocketAddresses.Read(from), buffer, length);
            }
            catch (SocketException e) when (e.SocketErrorCode is not (SocketError.OperationAborted or SocketError.Interrupted))
            {
                errors++;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}

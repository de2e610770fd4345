using System.Net;
using System.Net.Sockets;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Turn;
using JitsiMesh.Turn.Server;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>The UDP port on which clients reach the relay.</summary>
internal sealed class TurnUdpPort : ITurnLink, IDisposable
{
    private readonly TurnRelay _relay;
    private readonly Socket _socket;
    private readonly TransportAddress _server;
    private readonly Lock _sending = new();
    private readonly SocketAddress _to;

    /// <exception cref="SettingsException">The port cannot be opened.</exception>
    public TurnUdpPort(TurnRelay relay, BindPort port, bool useIPv6)
    {
        _relay = relay;
        var address = port.Address ?? (useIPv6 && Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = TurnHostLimits.PortBufferOctets, SendBufferSize = TurnHostLimits.PortBufferOctets };
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) _socket.DualMode = true;
            _socket.Bind(new IPEndPoint(address, port.Port));
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new SettingsException([$"{KnownSettings.TurnUdp.Name}: UDP port {port.Port} cannot be opened: {e.Message}"]);
        }

        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _server = TransportAddress.From(EndPoint);
        _to = SocketAddresses.Create(_socket.AddressFamily);
    }

    public IPEndPoint EndPoint { get; }

    public async Task RunAsync(CancellationToken cancellation)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(TurnFrame.MaxSize);
        var from = SocketAddresses.Create(_socket.AddressFamily);
        for (var errors = 0; errors < TurnHostLimits.SocketErrors;)
        {
            try
            {
                var length = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, from, cancellation);
                errors = 0;
                _relay.FromClient(new FiveTuple(TurnTransport.Udp, SocketAddresses.Read(from), _server), this, buffer.AsSpan(0, length));
            }
            catch (SocketException) when (!cancellation.IsCancellationRequested)
            {
                errors++;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
        }
    }

    public void Send(in FiveTuple client, ReadOnlySpan<byte> packet)
    {
        try
        {
            lock (_sending)
            {
                SocketAddresses.Write(_to, client.Client);
                _socket.SendTo(packet, SocketFlags.None, _to);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The datagram is lost.
        }
    }

    public void Dispose() => _socket.Dispose();
}

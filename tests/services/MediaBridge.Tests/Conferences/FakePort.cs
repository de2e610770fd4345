using JitsiMesh.Kit.Networks;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>A port without a socket: committed datagrams are queued, or only counted.</summary>
internal sealed class FakePort(TransportAddress local) : IDatagramPort
{
    private readonly byte[] _buffer = new byte[PortLimits.BufferSize];

    public TransportAddress Local { get; } = local;

    public PortCounters Counters { get; } = new();

    public SocketBuffers Buffers => new(PortLimits.SocketBuffer, PortLimits.SocketBuffer);

    public Queue<VirtualDatagram> Sent { get; } = new();

    /// <summary>Only count, for measurements.</summary>
    public bool Discards { get; set; }

    public long Committed { get; private set; }

    /// <summary>Called with each datagram before it is sent; for a port that throws.</summary>
    public Action<TransportAddress, byte>? Committing { get; set; }

    public int Receive() => 0;

    public Span<byte> Received(int index, out TransportAddress remote) => throw new InvalidOperationException();

    public TimeSpan Waited(int index) => TimeSpan.Zero;

    public Span<byte> Rent() => _buffer;

    public void Commit(int length, in TransportAddress remote)
    {
        Committing?.Invoke(remote, _buffer[0]);
        Committed++;
        if (!Discards) Sent.Enqueue(new VirtualDatagram(Local, remote, _buffer.AsSpan(0, length).ToArray()));
    }

    public void Flush()
    {
    }

    public void Dispose()
    {
    }
}

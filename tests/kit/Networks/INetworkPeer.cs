using JitsiMesh.Primitives;

namespace JitsiMesh.Kit.Networks;

/// <summary>A peer at an address of a <see cref="VirtualNetwork"/>: usually a thin adapter around a sans-IO machine.</summary>
public interface INetworkPeer
{
    MonotonicTime NextTimeout { get; }

    void HandleTimeout(MonotonicTime now);

    /// <param name="datagram">The receiver's own copy, to change in place if it likes.</param>
    /// <param name="local">The peer's address that received it.</param>
    /// <param name="remote">The source address.</param>
    /// <param name="now">The virtual time.</param>
    void HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now);

    bool TryDequeueTransmit(out VirtualDatagram datagram);
}

/// <summary>A datagram on its way.</summary>
public readonly record struct VirtualDatagram(TransportAddress Source, TransportAddress Destination, ReadOnlyMemory<byte> Bytes);

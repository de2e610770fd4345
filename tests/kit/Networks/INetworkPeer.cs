using JitsiMesh.Primitives;

namespace JitsiMesh.Kit.Networks;

/// <summary>What stands at an address of a <see cref="VirtualNetwork"/>: usually a sans-IO machine with a thin coat.</summary>
public interface INetworkPeer
{
    MonotonicTime NextTimeout { get; }

    void HandleTimeout(MonotonicTime now);

    /// <param name="datagram">The receiver's own copy, to change in place if it likes.</param>
    /// <param name="local">The address of the peer that it came to.</param>
    /// <param name="remote">The address that it seems to come from.</param>
    /// <param name="now">The virtual time.</param>
    void HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now);

    bool TryDequeueTransmit(out VirtualDatagram datagram);
}

/// <summary>A datagram on its way.</summary>
public readonly record struct VirtualDatagram(TransportAddress Source, TransportAddress Destination, ReadOnlyMemory<byte> Bytes);

using JitsiMesh.Primitives;

namespace JitsiMesh.Turn.Server;

/// <summary>The peers that clients may reach through the relay, by exact address and port.</summary>
public interface ITurnPeers
{
    /// <summary>Whether any peer has this IP address, on any port: permissions are by address (RFC 8656 section 9).</summary>
    bool IsKnown(in TransportAddress address);

    /// <summary>The address that the relay sends to for a peer that a client names; it may differ, since a NAT may not support hairpinning.</summary>
    bool TryGetReal(in TransportAddress offered, out TransportAddress real);

    /// <summary>The address under which clients know the sender of a packet.</summary>
    bool TryGetOffered(in TransportAddress real, out TransportAddress offered);
}

/// <summary>Opens the relayed transport addresses.</summary>
public interface ITurnRelays
{
    /// <summary>Opens a relayed address for a new allocation.</summary>
    /// <param name="allocation">The allocation.</param>
    /// <param name="isIPv6">Its address family.</param>
    /// <param name="isEven">Whether its port must be even (EVEN-PORT).</param>
    /// <returns>Null when none is available: no port, no address of the family, or no peer that it could reach.</returns>
    ITurnRelay? TryOpen(TurnAllocation allocation, bool isIPv6, bool isEven);
}

/// <summary>The relayed transport address of one allocation. Disposed with it.</summary>
public interface ITurnRelay : IDisposable
{
    TransportAddress Address { get; }
}

/// <summary>Sends to a client.</summary>
public interface ITurnLink
{
    /// <summary>Sends one message or ChannelData; if it cannot be sent now it is lost, as a datagram would be.</summary>
    void Send(in FiveTuple client, ReadOnlySpan<byte> packet);
}

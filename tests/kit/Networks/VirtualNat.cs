using JitsiMesh.Primitives;

namespace JitsiMesh.Kit.Networks;

/// <summary>RFC 4787: how a NAT maps and filters.</summary>
public enum NatKind
{
    /// <summary>Endpoint-independent mapping and filtering: "full cone".</summary>
    FullCone,

    /// <summary>Endpoint-independent mapping, address- and port-dependent filtering: the home router.</summary>
    PortRestricted,

    /// <summary>Address- and port-dependent mapping and filtering.</summary>
    Symmetric,
}

/// <summary>A NAT between inner addresses and one public address. <see cref="Rebind"/> forgets all mappings, as a router does that restarts.</summary>
public sealed class VirtualNat(TransportAddress publicAddress, NatKind kind)
{
    private readonly List<Mapping> _mappings = [];
    private ushort _nextPort = publicAddress.Port == 0 ? (ushort)40000 : publicAddress.Port;

    /// <summary>The port of this address is the first mapped port.</summary>
    public TransportAddress PublicAddress { get; } = publicAddress;

    public void Rebind() => _mappings.Clear();

    internal bool Owns(TransportAddress address) => address.High == PublicAddress.High && address.Low == PublicAddress.Low;

    internal TransportAddress Outgoing(TransportAddress inner, TransportAddress destination)
    {
        var mapping = _mappings.Find(m => m.Inner == inner && (kind != NatKind.Symmetric || m.Peers.Contains(destination)));
        if (mapping is null)
        {
            mapping = new Mapping(inner, PublicAddress with { Port = _nextPort++ });
            _mappings.Add(mapping);
        }

        mapping.Peers.Add(destination);
        return mapping.Outer;
    }

    internal TransportAddress? Incoming(TransportAddress outer, TransportAddress source)
    {
        var mapping = _mappings.Find(m => m.Outer == outer);
        return mapping is not null && (kind == NatKind.FullCone || mapping.Peers.Contains(source)) ? mapping.Inner : null;
    }

    private sealed record Mapping(TransportAddress Inner, TransportAddress Outer)
    {
        public HashSet<TransportAddress> Peers { get; } = [];
    }
}

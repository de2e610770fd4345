using System.Text;
using JitsiMesh.Ice;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Demux;

/// <summary>
/// Finds the endpoint of a datagram. STUN requests always use their ufrag, because two agents may share a remote address (during an ICE restart they do); all other packets use
/// the address.
/// </summary>
/// <remarks>
/// An authentic check proves its sender, not its source address: it may be a replay, or a participant's own check under a forged address. So a check binds an address only if
/// the address has no owner, or if the owner never answered a check there or has been silent for long. An endpoint that answers a check of the bridge is at that address, which
/// binds the address whoever owned it. Until then the endpoint is a contender: answers to its checks from that address still find it.
/// </remarks>
internal sealed class EndpointTable
{
    private const int MaxUfrag = 256;
    private readonly Dictionary<TransportAddress, AddressBinding> _byAddress = [];
    private readonly Dictionary<string, BridgeEndpoint> _byUfrag = [];
    private readonly Dictionary<string, BridgeEndpoint>.AlternateLookup<ReadOnlySpan<char>> _byUfragChars;

    public EndpointTable() => _byUfragChars = _byUfrag.GetAlternateLookup<ReadOnlySpan<char>>();

    public int AddressCount => _byAddress.Count;

    public int UfragCount => _byUfrag.Count;

    /// <summary>RFC 7983: STUN begins with 0 to 3.</summary>
    public static bool LooksLikeStun(ReadOnlySpan<byte> datagram) => datagram.Length > 0 && datagram[0] <= 3;

    /// <param name="datagram">The datagram as received.</param>
    /// <param name="remote">The source address of the datagram, which may be forged.</param>
    /// <param name="binding">The binding of the address; null if the endpoint was found in another way.</param>
    public BridgeEndpoint? Find(ReadOnlySpan<byte> datagram, in TransportAddress remote, out AddressBinding? binding)
    {
        binding = null;
        var isStun = LooksLikeStun(datagram);
        if (isStun && StunDemux.TryGetLocalUfrag(datagram, out var ufrag)) return FindByUfrag(ufrag);
        if (!_byAddress.TryGetValue(remote, out binding)) return null;
        if (!isStun || binding.Contenders.Count == 0 || binding.Owner.Transport.AwaitsResponse(datagram)) return binding.Owner;
        foreach (var contender in binding.Contenders)
        {
            if (contender.Transport.AwaitsResponse(datagram)) return contender;
        }

        return binding.Owner;
    }

    public BridgeEndpoint? FindByAddress(in TransportAddress remote) => _byAddress.GetValueOrDefault(remote)?.Owner;

    public void AddUfrag(string ufrag, BridgeEndpoint endpoint) => _byUfrag[ufrag] = endpoint;

    public void RemoveUfrag(string ufrag) => _byUfrag.Remove(ufrag);

    /// <summary>An authentic check of the endpoint seems to come from there.</summary>
    public void Claim(in TransportAddress remote, BridgeEndpoint endpoint, MonotonicTime now)
    {
        if (!_byAddress.TryGetValue(remote, out var binding)) Bind(remote, endpoint, proved: false, now);
        else if (ReferenceEquals(binding.Owner, endpoint)) binding.Hear(proved: false, now);
        else if (binding.IsProved && now - binding.LastHeard < EndpointLimits.AddressSilence) Contend(binding, remote, endpoint);
        else Move(binding, remote, endpoint, proved: false, now);
    }

    /// <summary>A check that was sent there was answered: the endpoint is at that address.</summary>
    public void Prove(in TransportAddress remote, BridgeEndpoint endpoint, MonotonicTime now)
    {
        if (!_byAddress.TryGetValue(remote, out var binding)) Bind(remote, endpoint, proved: true, now);
        else if (ReferenceEquals(binding.Owner, endpoint)) binding.Hear(proved: true, now);
        else Move(binding, remote, endpoint, proved: true, now);
    }

    /// <summary>A check is sent there: its answer must find the endpoint.</summary>
    public void Expect(in TransportAddress remote, BridgeEndpoint endpoint)
    {
        if (!_byAddress.TryGetValue(remote, out var binding)) Bind(remote, endpoint, proved: false, MonotonicTime.Zero);
        else if (!ReferenceEquals(binding.Owner, endpoint)) Contend(binding, remote, endpoint);
    }

    public void Remove(BridgeEndpoint endpoint)
    {
        foreach (var address in endpoint.Addresses) Forget(address, endpoint);
        endpoint.Addresses.Clear();
        foreach (var (ufrag, owner) in _byUfrag)
        {
            if (ReferenceEquals(owner, endpoint)) _byUfrag.Remove(ufrag);
        }
    }

    /// <summary>The connection with that address ended: remove its binding.</summary>
    public void Drop(in TransportAddress remote)
    {
        if (!_byAddress.Remove(remote, out var binding)) return;
        binding.Owner.Addresses.Remove(remote);
        foreach (var contender in binding.Contenders) contender.Addresses.Remove(remote);
    }

    private BridgeEndpoint? FindByUfrag(ReadOnlySpan<byte> ufrag)
    {
        if (ufrag.Length > MaxUfrag) return null;
        Span<char> chars = stackalloc char[MaxUfrag];
        var length = Encoding.UTF8.GetChars(ufrag, chars);
        return _byUfragChars.TryGetValue(chars[..length], out var endpoint) ? endpoint : null;
    }

    private void Bind(in TransportAddress remote, BridgeEndpoint endpoint, bool proved, MonotonicTime now)
    {
        var binding = new AddressBinding(endpoint);
        binding.Hear(proved, now);
        _byAddress[remote] = binding;
        Remember(remote, endpoint);
    }

    private void Contend(AddressBinding binding, in TransportAddress remote, BridgeEndpoint endpoint)
    {
        binding.AddContender(endpoint)?.Addresses.Remove(remote);
        Remember(remote, endpoint);
    }

    private void Move(AddressBinding binding, in TransportAddress remote, BridgeEndpoint endpoint, bool proved, MonotonicTime now)
    {
        var old = binding.Owner;
        binding.HandOver(endpoint, proved, now);
        binding.AddContender(old)?.Addresses.Remove(remote);
        Remember(remote, endpoint);
    }

    private void Remember(in TransportAddress remote, BridgeEndpoint endpoint)
    {
        var addresses = endpoint.Addresses;
        if (addresses.Contains(remote)) return;
        if (addresses.Count >= EndpointLimits.MaxAddresses)
        {
            var least = LeastWorth(endpoint);
            Forget(addresses[least], endpoint);
            addresses.RemoveAt(least);
        }

        addresses.Add(remote);
    }

    /// <summary>Replayed checks from many addresses must not displace the client's real address.</summary>
    private int LeastWorth(BridgeEndpoint endpoint)
    {
        var (silent, since) = (0, MonotonicTime.Never);
        for (var i = 0; i < endpoint.Addresses.Count; i++)
        {
            var binding = _byAddress[endpoint.Addresses[i]];
            if (!binding.IsProved || !ReferenceEquals(binding.Owner, endpoint)) return i;
            if (binding.LastHeard < since) (silent, since) = (i, binding.LastHeard);
        }

        return silent;
    }

    private void Forget(in TransportAddress address, BridgeEndpoint endpoint)
    {
        var binding = _byAddress[address];
        binding.RemoveContender(endpoint);
        if (!ReferenceEquals(binding.Owner, endpoint)) return;
        if (binding.Contenders.Count == 0) _byAddress.Remove(address);
        else binding.HandOver(binding.Contenders[^1], proved: false, MonotonicTime.Zero);
    }
}

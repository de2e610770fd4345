using System.Text;
using JitsiMesh.Ice;
using JitsiMesh.MediaBridge.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Demux;

/// <summary>
/// Leads a datagram to its endpoint. STUN requests always go by the ufrag they name, since two agents may share a remote address (an ICE restart
/// does); all else goes by address. An address is learnt from an authentic check, so a forger cannot take one over.
/// </summary>
internal sealed class EndpointTable
{
    private const int MaxUfrag = 256;
    private readonly Dictionary<TransportAddress, BridgeEndpoint> _byAddress = [];
    private readonly Dictionary<string, BridgeEndpoint> _byUfrag = [];
    private readonly Dictionary<string, BridgeEndpoint>.AlternateLookup<ReadOnlySpan<char>> _byUfragChars;

    public EndpointTable() => _byUfragChars = _byUfrag.GetAlternateLookup<ReadOnlySpan<char>>();

    public int AddressCount => _byAddress.Count;

    public int UfragCount => _byUfrag.Count;

    /// <summary>RFC 7983: STUN begins with 0 to 3.</summary>
    public static bool LooksLikeStun(ReadOnlySpan<byte> datagram) => datagram.Length > 0 && datagram[0] <= 3;

    public BridgeEndpoint? Find(ReadOnlySpan<byte> datagram, in TransportAddress remote)
    {
        if (!LooksLikeStun(datagram) || !StunDemux.TryGetLocalUfrag(datagram, out var ufrag)) return _byAddress.GetValueOrDefault(remote);
        if (ufrag.Length > MaxUfrag) return null;
        Span<char> chars = stackalloc char[MaxUfrag];
        var length = Encoding.UTF8.GetChars(ufrag, chars);
        return _byUfragChars.TryGetValue(chars[..length], out var endpoint) ? endpoint : null;
    }

    public void AddUfrag(string ufrag, BridgeEndpoint endpoint) => _byUfrag[ufrag] = endpoint;

    public void RemoveUfrag(string ufrag) => _byUfrag.Remove(ufrag);

    /// <summary>An authentic check came from there: whatever was thought before, the address leads to this endpoint.</summary>
    public void Learn(in TransportAddress remote, BridgeEndpoint endpoint)
    {
        if (_byAddress.TryGetValue(remote, out var present) && ReferenceEquals(present, endpoint)) return;
        _byAddress[remote] = endpoint;
        if (endpoint.RememberAddress(remote) is { } old) Forget(old, endpoint);
    }

    /// <summary>A check goes there: its answer should find the endpoint. An address that another one proved stays that one's.</summary>
    public void Expect(in TransportAddress remote, BridgeEndpoint endpoint)
    {
        if (!_byAddress.ContainsKey(remote)) Learn(remote, endpoint);
    }

    public void Remove(BridgeEndpoint endpoint)
    {
        foreach (var address in endpoint.Addresses) Forget(address, endpoint);
        foreach (var (ufrag, owner) in _byUfrag)
        {
            if (ReferenceEquals(owner, endpoint)) _byUfrag.Remove(ufrag);
        }
    }

    private void Forget(in TransportAddress address, BridgeEndpoint endpoint)
    {
        if (_byAddress.TryGetValue(address, out var owner) && ReferenceEquals(owner, endpoint)) _byAddress.Remove(address);
    }
}

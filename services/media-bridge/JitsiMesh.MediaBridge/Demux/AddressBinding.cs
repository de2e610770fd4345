using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Demux;

/// <summary>The endpoint that owns a remote address.</summary>
internal sealed class AddressBinding(BridgeEndpoint owner)
{
    private List<BridgeEndpoint>? _contenders;

    public BridgeEndpoint Owner { get; private set; } = owner;

    /// <summary>The owner answered a check that was sent to the address. Otherwise only its packets claim the address, and a source address is easily forged.</summary>
    public bool IsProved { get; private set; }

    /// <summary>When the owner last sent an authentic packet from there.</summary>
    public MonotonicTime LastHeard { get; set; }

    /// <summary>Other endpoints that claim the address or are checked there, the newest last.</summary>
    public IReadOnlyList<BridgeEndpoint> Contenders => _contenders ?? [];

    /// <returns>A contender that is dropped to make room, or null.</returns>
    public BridgeEndpoint? AddContender(BridgeEndpoint endpoint)
    {
        _contenders ??= [];
        if (_contenders.Contains(endpoint)) return null;
        _contenders.Add(endpoint);
        if (_contenders.Count <= EndpointLimits.MaxContenders) return null;
        var forgotten = _contenders[0];
        _contenders.RemoveAt(0);
        return forgotten;
    }

    public void RemoveContender(BridgeEndpoint endpoint) => _contenders?.Remove(endpoint);

    public void Hear(bool proved, MonotonicTime now)
    {
        IsProved |= proved;
        LastHeard = now;
    }

    public void HandOver(BridgeEndpoint owner, bool proved, MonotonicTime now)
    {
        RemoveContender(owner);
        Owner = owner;
        IsProved = proved;
        LastHeard = now;
    }
}

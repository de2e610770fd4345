using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Demux;

/// <summary>Whose a remote address is.</summary>
internal sealed class AddressBinding(BridgeEndpoint owner)
{
    private List<BridgeEndpoint>? _contenders;

    public BridgeEndpoint Owner { get; private set; } = owner;

    /// <summary>The owner answered a check that went there. Else it is only said to be there, and a source address is easily made up.</summary>
    public bool IsProved { get; private set; }

    /// <summary>The last authentic packet of the owner's from there.</summary>
    public MonotonicTime LastHeard { get; set; }

    /// <summary>Those who claim it or are checked there too, the newest last.</summary>
    public IReadOnlyList<BridgeEndpoint> Contenders => _contenders ?? [];

    /// <returns>One that is forgotten for it.</returns>
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

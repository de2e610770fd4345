using JitsiMesh.Contracts.Bus;
using JitsiMesh.MediaBridge.Discovery;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>The media addresses that the bridge reports to the edge's relay: those offered to an ordinary client, and the local ones behind them.</summary>
internal static class MediaAddresses
{
    /// <summary>More than a bridge has; bounds the report.</summary>
    private const int Most = 32;

    public static IReadOnlyList<BridgeMediaAddress> Of(LocalCandidates candidates)
    {
        var offered = candidates.For(mayKnowPrivate: false, generation: 0).Where(c => !c.Address.IsTcp).Select(c => c.Address).ToHashSet();

        // The offer to an ordinary client omits the local address behind a mapped address.
        return [.. candidates.For(mayKnowPrivate: true, generation: 0).Where(c => offered.Contains(c.Address)).Take(Most)
            .Select(c => new BridgeMediaAddress { Address = c.Address.ToString(), Inner = c.Base == c.Address || offered.Contains(c.Base) ? "" : c.Base.ToString() })];
    }
}

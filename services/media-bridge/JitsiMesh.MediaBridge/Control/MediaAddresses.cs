using JitsiMesh.Contracts.Bus;
using JitsiMesh.MediaBridge.Discovery;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>What the bridge tells the edge's relay of its media: what it offers an ordinary client, and what is behind it.</summary>
internal static class MediaAddresses
{
    /// <summary>More than a bridge has; a report is not to grow without end.</summary>
    private const int Most = 32;

    public static IReadOnlyList<BridgeMediaAddress> Of(LocalCandidates candidates)
    {
        var offered = candidates.For(mayKnowPrivate: false, generation: 0).Where(c => !c.Address.IsTcp).Select(c => c.Address).ToHashSet();

        // What an ordinary client is told leaves out what stands behind a mapped address.
        return [.. candidates.For(mayKnowPrivate: true, generation: 0).Where(c => offered.Contains(c.Address)).Take(Most)
            .Select(c => new BridgeMediaAddress { Address = c.Address.ToString(), Inner = c.Base == c.Address || offered.Contains(c.Base) ? "" : c.Base.ToString() })];
    }
}

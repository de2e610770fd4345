using System.Collections.Immutable;
using JitsiMesh.Focus.Offers;

namespace JitsiMesh.Focus.Links;

/// <summary>Verified features by <c>node#ver</c>, shared by the conferences of this node.</summary>
public sealed class CapsCache
{
    private ImmutableDictionary<string, ParticipantFeatures> _known = ImmutableDictionary.Create<string, ParticipantFeatures>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ParticipantFeatures> Known => Volatile.Read(ref _known);

    public void Learn(string caps, ParticipantFeatures features) =>
        ImmutableInterlocked.Update(ref _known, known => (known.Count >= FocusLimits.KnownCaps ? known.Clear() : known).SetItem(caps, features));
}

using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;

namespace JitsiMesh.Hosting.Connections;

/// <summary>
/// The secret of which signalling makes credentials for the edge's TURN relay: MESH_TURN_SECRET, or one of this process's own where both are in it. Empty where they share none, and
/// there is no relay.
/// </summary>
public sealed class RelaySecret
{
    private const int Digits = 32;

    private RelaySecret(string value) => Value = value;

    public string Value { get; }

    public static RelaySecret Create(MeshSettings settings, MeshNode node, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(node);
        var given = settings.Get(KnownSettings.TurnSecret);
        return new RelaySecret(given.Length > 0 || !node.InOneProcess ? given : random.NextHex(Digits));
    }

    public override string ToString() => nameof(RelaySecret);
}

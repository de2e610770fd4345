using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Simulation.Tests.Nodes;

/// <summary>One node's way to the store that all share: a write may be its last, done or not.</summary>
public sealed class SimulatedStore(IMeshStore store, SimulatedNode node) : IMeshStore
{
    public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default) => store.ReadAsync(key, cancellation);

    public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default) =>
        new(node.Operate(() => SimulatedNode.Run(store.WriteAsync(key, epoch, change, cancellation))));

    public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default) =>
        new(node.Operate(() => SimulatedNode.Run(store.DeleteAsync(key, epoch, cancellation))));

    public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default) => store.KeysAsync(prefix, cancellation);

    public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default) => store.NextAsync(counter, cancellation);

    public ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default) => store.SetPlacementAsync(key, value, lifetime, cancellation);

    public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default) => store.GetPlacementAsync(key, cancellation);

    public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default) => store.GetPlacementsAsync(prefix, cancellation);

    public ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default) => store.RemovePlacementAsync(key, cancellation);

    public ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default) => store.TallyAsync(key, amount, lifetime, cancellation);
}

namespace JitsiMesh.Contracts.Store;

/// <summary>A stored document: named fields under one key, and the epoch of the owner that wrote last.</summary>
public sealed record StoredDocument(long Epoch, IReadOnlyDictionary<string, byte[]> Fields);

/// <summary>One change of a document: fields to put, fields to remove.</summary>
public sealed record DocumentChange
{
    public IReadOnlyDictionary<string, byte[]> Put { get; init; } = new Dictionary<string, byte[]>();

    public IReadOnlyCollection<string> Remove { get; init; } = [];
}

/// <summary>
/// Where rooms, conferences and sessions are written through, so that another node continues. A document is written by the fields that
/// changed, so that one more occupant in a room of 500 costs one field. Memory in one process, Redis in a cluster.
/// </summary>
public interface IMeshStore
{
    /// <summary>What is written is there when this process is not any more: worth writing what only a next owner reads.</summary>
    bool OutlivesProcess => true;

    ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default);

    /// <summary>Applies a change whole or not at all. False when an owner with a newer epoch has written: the caller has lost its partition.</summary>
    ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default);

    ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default);

    /// <summary>The keys that begin with a prefix, in no order.</summary>
    ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default);

    /// <summary>1, 2, 3 … for each name: epochs.</summary>
    ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default);

    /// <summary>A value that goes away by itself unless it is set again: placements and the list of live nodes.</summary>
    ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default);

    ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default);

    ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default);

    ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default);
}

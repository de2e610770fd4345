namespace JitsiMesh.Contracts.Store;

/// <summary>A stored document: named fields under one key, and the epoch of its last writer.</summary>
public sealed record StoredDocument(long Epoch, IReadOnlyDictionary<string, byte[]> Fields);

/// <summary>One change of a document: fields to set, fields to remove.</summary>
public sealed record DocumentChange
{
    public IReadOnlyDictionary<string, byte[]> Put { get; init; } = new Dictionary<string, byte[]>();

    public IReadOnlyCollection<string> Remove { get; init; } = [];
}

/// <summary>
/// The store to which rooms, conferences and sessions are written through, so that another node can continue them. Only the changed fields of a document
/// are written, so that one more occupant in a room of 500 costs one field. Memory in one process, Redis in a cluster.
/// </summary>
public interface IMeshStore
{
    /// <summary>Whether data survives this process; if not, data that only a next owner would read need not be written.</summary>
    bool OutlivesProcess => true;

    ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default);

    /// <summary>Applies a change atomically. False when an owner with a newer epoch has written: the caller has lost its partition.</summary>
    ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default);

    ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default);

    /// <summary>The keys that begin with a prefix, in no order.</summary>
    ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default);

    /// <summary>1, 2, 3 … for each name: used for epochs.</summary>
    ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default);

    /// <summary>A value that expires unless it is set again: placements and the list of live nodes.</summary>
    ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default);

    ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default);

    ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default);

    ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default);

    /// <summary>
    /// Adds to a counter that expires, and returns its new value: for limits that all instances count together. It never falls below zero, so that subtracting from an expired counter
    /// has no effect. A call that is retried may count twice.
    /// </summary>
    /// <param name="key">Its name.</param>
    /// <param name="amount">The amount to add; negative to subtract, zero to read.</param>
    /// <param name="lifetime">The time from the first addition until the counter expires.</param>
    /// <param name="cancellation">Of the call.</param>
    ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default);
}

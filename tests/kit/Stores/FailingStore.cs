using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Kit.Stores;

/// <summary>A store that appears shared with other processes, with calls that fail on demand.</summary>
public sealed class FailingStore(IMeshStore inner) : IMeshStore
{
    /// <summary>Called before a document is written.</summary>
    public Action<string>? Writing { get; set; }

    /// <summary>Awaited before a document is written: delays the writer.</summary>
    public Func<string, Task>? WritingAsync { get; set; }

    /// <summary>Called before a document is deleted.</summary>
    public Action<string>? Deleting { get; set; }

    /// <summary>Called after the write: when this throws, the writer does not learn of its success.</summary>
    public Action<string>? Written { get; set; }

    /// <summary>Called before keys are looked for.</summary>
    public Action<string>? Listing { get; set; }

    /// <summary>Called before a document is read.</summary>
    public Action<string>? Reading { get; set; }

    public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default)
    {
        Reading?.Invoke(key);
        return inner.ReadAsync(key, cancellation);
    }

    public async ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default)
    {
        Writing?.Invoke(key);
        if (WritingAsync is { } held) await held(key);
        var result = await inner.WriteAsync(key, epoch, change, cancellation);
        Written?.Invoke(key);
        return result;
    }

    public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default)
    {
        Deleting?.Invoke(key);
        return inner.DeleteAsync(key, epoch, cancellation);
    }

    public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default)
    {
        Listing?.Invoke(prefix);
        return inner.KeysAsync(prefix, cancellation);
    }

    public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default) => inner.NextAsync(counter, cancellation);

    public ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default) => inner.SetPlacementAsync(key, value, lifetime, cancellation);

    public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default) => inner.GetPlacementAsync(key, cancellation);

    public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default) => inner.GetPlacementsAsync(prefix, cancellation);

    public ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default) => inner.RemovePlacementAsync(key, cancellation);

    public ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default) => inner.TallyAsync(key, amount, lifetime, cancellation);
}

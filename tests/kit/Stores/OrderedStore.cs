using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Kit.Stores;

/// <summary>A store that outlives processes, as one process sees it. Each call waits for its turn first, so that a test decides in which order the calls of several processes happen.</summary>
/// <param name="inner">The store of all processes.</param>
/// <param name="turn">Ends when a call may happen; null when calls happen at once.</param>
public sealed class OrderedStore(IMeshStore inner, Func<Task>? turn = null) : IMeshStore
{
    public async ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default)
    {
        await TurnAsync();
        return await inner.ReadAsync(key, cancellation);
    }

    public async ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default)
    {
        await TurnAsync();
        return await inner.WriteAsync(key, epoch, change, cancellation);
    }

    public async ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default)
    {
        await TurnAsync();
        return await inner.DeleteAsync(key, epoch, cancellation);
    }

    public async ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default)
    {
        await TurnAsync();
        return await inner.KeysAsync(prefix, cancellation);
    }

    public async ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default)
    {
        await TurnAsync();
        return await inner.NextAsync(counter, cancellation);
    }

    public async ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default)
    {
        await TurnAsync();
        await inner.SetPlacementAsync(key, value, lifetime, cancellation);
    }

    public async ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default)
    {
        await TurnAsync();
        return await inner.GetPlacementAsync(key, cancellation);
    }

    public async ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default)
    {
        await TurnAsync();
        return await inner.GetPlacementsAsync(prefix, cancellation);
    }

    public async ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default)
    {
        await TurnAsync();
        await inner.RemovePlacementAsync(key, cancellation);
    }

    public async ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default)
    {
        await TurnAsync();
        return await inner.TallyAsync(key, amount, lifetime, cancellation);
    }

    private Task TurnAsync() => turn?.Invoke() ?? Task.CompletedTask;
}

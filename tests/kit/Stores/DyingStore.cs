using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Kit.Stores;

/// <summary>The store as a process sees it that dies at one of its calls to it: that call has its effect or not, and no later one has any.</summary>
/// <param name="inner">The store of the other processes.</param>
/// <param name="call">The call at which the process dies, counted from 1; the process lives where there are fewer.</param>
/// <param name="takesEffect">Whether the last call still takes effect.</param>
public sealed class DyingStore(IMeshStore inner, int call, bool takesEffect) : IMeshStore, IDisposable
{
    private int _calls;

    /// <summary>Ends when the process has died.</summary>
    public CancellationTokenSource Died { get; } = new();

    /// <summary>Calls so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default) => CallAsync(() => inner.ReadAsync(key, cancellation));

    public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default) => CallAsync(() => inner.WriteAsync(key, epoch, change, cancellation));

    public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default) => CallAsync(() => inner.DeleteAsync(key, epoch, cancellation));

    public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default) => CallAsync(() => inner.KeysAsync(prefix, cancellation));

    public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default) => CallAsync(() => inner.NextAsync(counter, cancellation));

    public async ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default) => await CallAsync(async () =>
    {
        await inner.SetPlacementAsync(key, value, lifetime, cancellation);
        return true;
    });

    public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default) => CallAsync(() => inner.GetPlacementAsync(key, cancellation));

    public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default) => CallAsync(() => inner.GetPlacementsAsync(prefix, cancellation));

    public async ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default) => await CallAsync(async () =>
    {
        await inner.RemovePlacementAsync(key, cancellation);
        return true;
    });

    public ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default) => CallAsync(() => inner.TallyAsync(key, amount, lifetime, cancellation));

    public void Dispose() => Died.Dispose();

    private async ValueTask<T> CallAsync<T>(Func<ValueTask<T>> effect)
    {
        var number = Interlocked.Increment(ref _calls);
        if (number < call) return await effect();
        if (number == call)
        {
            if (takesEffect) await effect();
            await Died.CancelAsync();
        }

        throw new DiedException();
    }
}

/// <summary>The process is dead: no later call takes effect.</summary>
public sealed class DiedException : Exception;

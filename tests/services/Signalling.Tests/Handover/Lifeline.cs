using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Links;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Signalling.Tests.Handover;

/// <summary>All that ties a node to store and link. Once it is cut nothing of the node gets out or in any more, as when its process was killed.</summary>
internal sealed class Lifeline(IMeshStore store) : IMeshStore
{
    private readonly List<IAsyncDisposable> _subscriptions = [];
    private volatile bool _isCut;

    public bool IsCut => _isCut;

    /// <summary>The node's link.</summary>
    public IStanzaLink LinkOf(InMemoryLinkHub hub, string nodeId) => new CutLink(new InMemoryStanzaLink(hub, nodeId, NullLogger<InMemoryStanzaLink>.Instance), this);

    /// <summary>The node is dead when this begins; when it ends, the queues know it.</summary>
    public async Task CutAsync()
    {
        _isCut = true;
        foreach (var subscription in Subscriptions()) await subscription.DisposeAsync();
    }

    public async ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default)
    {
        await PassAsync(key, cancellation);
        return await store.ReadAsync(key, cancellation);
    }

    public async ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default)
    {
        await PassAsync(key, cancellation);
        return await store.WriteAsync(key, epoch, change, cancellation);
    }

    public async ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default)
    {
        await PassAsync(key, cancellation);
        return await store.DeleteAsync(key, epoch, cancellation);
    }

    public async ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default)
    {
        await PassAsync(prefix, cancellation);
        return await store.KeysAsync(prefix, cancellation);
    }

    public async ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default)
    {
        await PassAsync(counter, cancellation);
        return await store.NextAsync(counter, cancellation);
    }

    public async ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default)
    {
        await PassAsync(key, cancellation);
        await store.SetPlacementAsync(key, value, lifetime, cancellation);
    }

    public async ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default)
    {
        await PassAsync(key, cancellation);
        return await store.GetPlacementAsync(key, cancellation);
    }

    public async ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default)
    {
        await PassAsync(prefix, cancellation);
        return await store.GetPlacementsAsync(prefix, cancellation);
    }

    public async ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default)
    {
        await PassAsync(key, cancellation);
        await store.RemovePlacementAsync(key, cancellation);
    }

    public async ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default)
    {
        await PassAsync(key, cancellation);
        return await store.TallyAsync(key, amount, lifetime, cancellation);
    }

    // What waits for a session's record waits as long as it may: a process that is dead says nothing. Everything else of the dead node ends at once.
    private async ValueTask PassAsync(string key, CancellationToken cancellation)
    {
        if (!IsCut) return;
        if (key.StartsWith("session:", StringComparison.Ordinal)) await Task.Delay(Timeout.Infinite, cancellation);
        throw key.StartsWith("room:", StringComparison.Ordinal) ? new OperationCanceledException("The node is dead.") : new IOException("The node is dead.");
    }

    private IReadOnlyList<IAsyncDisposable> Subscriptions()
    {
        lock (_subscriptions) return [.. _subscriptions];
    }

    private T Keep<T>(T subscription)
        where T : IAsyncDisposable
    {
        lock (_subscriptions) _subscriptions.Add(subscription);
        return subscription;
    }

    private sealed class CutLink(IStanzaLink inner, Lifeline life) : IStanzaLink
    {
        public string NodeId => inner.NodeId;

        public ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default)
        {
            life.EnsureAlive();
            return inner.SendAsync(queue, envelope, cancellation);
        }

        public async ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default)
        {
            life.EnsureAlive();
            return life.Keep(await inner.ConsumeNodeAsync(role, consumer, cancellation));
        }

        public async ValueTask<IAsyncDisposable?> TakeOverNodeAsync(LinkQueue queue, Func<CancellationToken, ValueTask> begin, ILinkConsumer consumer, CancellationToken cancellation = default)
        {
            life.EnsureAlive();
            return await inner.TakeOverNodeAsync(queue, begin, consumer, cancellation) is { } subscription ? life.Keep(subscription) : null;
        }

        public async ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default)
        {
            life.EnsureAlive();
            return life.Keep(await inner.ConsumePartitionsAsync(role, consumer, cancellation));
        }
    }

    private void EnsureAlive()
    {
        if (IsCut) throw new OperationCanceledException("The node is dead.");
    }
}

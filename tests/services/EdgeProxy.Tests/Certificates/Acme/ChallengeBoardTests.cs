using JitsiMesh.Acme.Challenges;
using JitsiMesh.Contracts.Store;
using JitsiMesh.EdgeProxy.Certificates.Acme;
using JitsiMesh.Hosting.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.EdgeProxy.Tests.Certificates.Acme;

public sealed class ChallengeBoardTests
{
    private static readonly ChallengeAnswer Http = new(ChallengeKind.Http01, "meet.example.org", "token", "token.thumb");

    private readonly FakeTimeProvider _time = new();
    private readonly CountingStore _store;

    public ChallengeBoardTests() => _store = new CountingStore(new InMemoryMeshStore(_time));

    [Fact]
    public async Task Another_edge_answers_until_the_order_has_ended()
    {
        var (one, other) = (New(), New());
        await one.PresentAsync([Http, Http with { Kind = ChallengeKind.TlsAlpn01, KeyAuthorization = "tls.thumb" }], CancellationToken.None);

        Assert.Equal("token.thumb", await other.HttpAsync("token", CancellationToken.None));
        var next = other.TlsAsync("meet.example.org", CancellationToken.None).AsTask();
        await AdvanceUntilAsync(next);
        Assert.Equal("tls.thumb", await next);

        await one.ClearAsync();
        Assert.Null(await New().HttpAsync("token", CancellationToken.None));
        Assert.Null(await New().TlsAsync("meet.example.org", CancellationToken.None));
    }

    [Fact]
    public async Task A_flood_of_made_up_tokens_is_a_look_a_second_and_hides_nobody()
    {
        var (one, other) = (New(), New());
        var flood = Enumerable.Range(0, 500).Select(i => other.HttpAsync($"made-up-{i}", CancellationToken.None).AsTask()).ToList();
        await one.PresentAsync([Http], CancellationToken.None);
        var right = other.HttpAsync("token", CancellationToken.None).AsTask();

        await AdvanceUntilAsync(Task.WhenAll(flood.Append(right)));

        Assert.Equal("token.thumb", await right);
        Assert.All(await Task.WhenAll(flood), Assert.Null);
        Assert.InRange(_store.Looks, 1, 3);
    }

    [Fact]
    public async Task Without_the_store_the_edge_that_orders_answers_all_the_same()
    {
        _store.Fails = true;
        var board = New();
        await board.PresentAsync([Http], CancellationToken.None);
        Assert.Equal("token.thumb", await board.HttpAsync("token", CancellationToken.None));
        Assert.Null(await board.HttpAsync("unknown", CancellationToken.None));
        await board.ClearAsync();
    }

    private ChallengeBoard New() => new(_store, _time, NullLogger<ChallengeBoard>.Instance);

    private async Task AdvanceUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(task, Task.Delay(5));
        }
    }

    private sealed class CountingStore(IMeshStore inner) : IMeshStore
    {
        private int _looks;

        public int Looks => _looks;

        public bool Fails { get; set; }

        public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default) => inner.ReadAsync(key, cancellation);

        public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default) => inner.WriteAsync(key, epoch, change, cancellation);

        public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default) => inner.DeleteAsync(key, epoch, cancellation);

        public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default) => inner.KeysAsync(prefix, cancellation);

        public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default) => inner.NextAsync(counter, cancellation);

        public ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default) =>
            Fails ? throw new InvalidOperationException("the store is down") : inner.SetPlacementAsync(key, value, lifetime, cancellation);

        public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default) => inner.GetPlacementAsync(key, cancellation);

        public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default)
        {
            Interlocked.Increment(ref _looks);
            return Fails ? throw new InvalidOperationException("the store is down") : inner.GetPlacementsAsync(prefix, cancellation);
        }

        public ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default) => Fails ? throw new InvalidOperationException("the store is down") : inner.RemovePlacementAsync(key, cancellation);

        public ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default) => inner.TallyAsync(key, amount, lifetime, cancellation);
    }
}

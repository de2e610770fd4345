using JitsiMesh.Auth.Oidc;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace JitsiMesh.Auth.Tests.Oidc;

/// <summary>The one key of all auth services of a cluster: a login that one of them has begun is read by another.</summary>
public sealed class OidcKeyTests
{
    private const string Document = "auth-oidc-key";
    private const string Counter = Document + "-epoch";

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public Task Services_that_start_at_once_have_the_same_key_from_the_start(int services) => Task.Run(async () =>
    {
        // Each seed is another order of their calls to the store.
        for (var seed = 0; seed < 400; seed++)
        {
            var store = new InMemoryMeshStore(TimeProvider.System);
            var turns = new Turns(new Random(seed));
            var keys = Enumerable.Range(0, services).Select(_ => Key(store, turns.TakeAsync)).ToList();
            var loading = Task.WhenAll(keys.Select(key => key.LoadAsync(CancellationToken.None)));
            while (!loading.IsCompleted) turns.GiveOne();
            await loading;
            Assert.True(keys.Select(key => Convert.ToHexString(key.OfTokens)).Distinct().Count() == 1, FormattableString.Invariant($"seed {seed}"));

            var late = Key(store);
            await late.LoadAsync(CancellationToken.None);
            Assert.Equal(keys[0].OfTokens, late.OfTokens);
        }
    });

    [Fact]
    public async Task A_key_that_an_earlier_version_kept_stays_the_key()
    {
        var store = new InMemoryMeshStore(TimeProvider.System);
        await PutAsync(store, "key", [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        var (first, second) = (Key(store), Key(store));
        await first.LoadAsync(CancellationToken.None);
        await PutAsync(store, "key-0000000000000000001", new byte[32]);
        await second.LoadAsync(CancellationToken.None);
        Assert.Equal(first.OfTokens, second.OfTokens);
    }

    [Fact]
    public async Task A_store_that_lost_the_key_gets_it_back_from_a_service_that_has_it()
    {
        var store = new InMemoryMeshStore(TimeProvider.System);
        var (survivor, late) = (Key(store), Key(store));
        await survivor.LoadAsync(CancellationToken.None);
        var before = survivor.OfTokens;
        var fields = (await store.ReadAsync(Document))!.Fields.Keys.ToList();
        await store.WriteAsync(Document, await store.NextAsync(Counter), new DocumentChange { Remove = fields });
        await survivor.LoadAsync(CancellationToken.None);
        await late.LoadAsync(CancellationToken.None);
        Assert.Equal(before, survivor.OfTokens);
        Assert.Equal(before, late.OfTokens);
    }

    private static async Task PutAsync(InMemoryMeshStore store, string field, byte[] key) =>
        Assert.True(await store.WriteAsync(Document, await store.NextAsync(Counter), new DocumentChange { Put = new Dictionary<string, byte[]> { [field] = key } }));

    private static OidcKey Key(InMemoryMeshStore store, Func<Task>? turn = null) => new(MeshSettings.From([]), new OrderedStore(store, turn), TimeProvider.System, NullLogger<OidcKey>.Instance);

    /// <summary>Calls that wait, and happen one by one in an order of chance.</summary>
    private sealed class Turns(Random random)
    {
        private readonly List<TaskCompletionSource> _waiting = [];

        public Task TakeAsync()
        {
            var turn = new TaskCompletionSource();
            _waiting.Add(turn);
            return turn.Task;
        }

        // The call and all that follows it until the next one run inside.
        public void GiveOne()
        {
            var turn = _waiting[random.Next(_waiting.Count)];
            _waiting.Remove(turn);
            turn.SetResult();
        }
    }
}

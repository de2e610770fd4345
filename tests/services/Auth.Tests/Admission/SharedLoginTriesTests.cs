using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.Admission;

/// <summary>Two instances of the auth service over one store: whoever guesses has as many tries as with one.</summary>
public sealed class SharedLoginTriesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SharedStore _store;
    private readonly SharedLoginTries[] _instances;

    public SharedLoginTriesTests()
    {
        _store = new SharedStore(new InMemoryMeshStore(_time));
        _instances = [Instance(), Instance()];
    }

    [Fact]
    public async Task An_account_has_ten_failures_whichever_instance_is_asked()
    {
        for (var i = 0; i < LoginLimits.FailuresOfAccount; i++) await FailsAsync(i % 2, "anna", "attacker");
        Assert.False(await BeginsAsync(0, "anna", "attacker"));
        Assert.False(await BeginsAsync(1, "anna", "attacker"));
        Assert.False(await BeginsAsync(1, "anna", ""));
        Assert.True(await BeginsAsync(1, "bob", "attacker"));
        _time.Advance(LoginLimits.Window);
        Assert.True(await BeginsAsync(1, "anna", "attacker"));
    }

    [Fact]
    public async Task An_address_has_thirty_failures_of_all_accounts_whichever_instance_is_asked()
    {
        for (var i = 0; i < LoginLimits.FailuresOfAddress; i++) await FailsAsync(i % 2, $"account {i}", "attacker");
        Assert.False(await BeginsAsync(0, "anna", "attacker"));
        Assert.False(await BeginsAsync(1, "anna", "attacker"));
        Assert.True(await BeginsAsync(1, "anna", "another"));
    }

    [Fact]
    public async Task An_address_beyond_its_limit_takes_nothing_from_others()
    {
        for (var i = 0; i < LoginLimits.FailuresOfAddress; i++) await FailsAsync(0, $"account {i}", "attacker");
        for (var i = 0; i <= LoginLimits.Windows; i++) Assert.False(await BeginsAsync(0, $"name {i}", "attacker"));
        Assert.True(await BeginsAsync(0, "anna", "another"));
        Assert.True(await BeginsAsync(0, "bob", "another"));
    }

    [Fact]
    public async Task Tries_at_once_at_both_are_no_way_around_the_limit()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => _instances[i % 2].BeginAsync("anna", "attacker").AsTask()));
        Assert.Equal(LoginLimits.FailuresOfAccount, begun.Count(attempt => attempt is not null));
    }

    [Fact]
    public async Task The_owner_of_an_account_is_known_to_both()
    {
        var login = await _instances[0].BeginAsync("anna", "owner");
        await _instances[0].EndAsync(login!, LoginTryEnd.Succeeded);
        for (var i = 0; i < LoginLimits.FailuresOfAccount; i++) await FailsAsync(i % 2, "anna", "attacker");

        // Further addresses use up what there is for fresh ones, at both together.
        var guesses = 0;
        for (var i = 0; i < 100; i++)
        {
            if (await BeginsAsync(i % 2, "anna", $"attacker {i / 2}")) guesses++;
        }

        Assert.Equal(LoginLimits.FreshAddresses, guesses);
        Assert.True(await BeginsAsync(1, "anna", "owner"));
        Assert.True(await BeginsAsync(0, "anna", "owner"));
    }

    [Fact]
    public async Task What_succeeds_or_what_nobody_can_tell_does_not_count()
    {
        for (var i = 0; i < 100; i++)
        {
            var attempt = await _instances[i % 2].BeginAsync("anna", "a");
            await _instances[i % 2].EndAsync(attempt!, i % 3 == 0 ? LoginTryEnd.Succeeded : LoginTryEnd.Undecided);
        }

        Assert.True(await BeginsAsync(0, "anna", "a"));
    }

    [Fact]
    public async Task Without_the_store_each_counts_for_itself_and_the_store_is_asked_again_later()
    {
        _store.IsAway = true;
        for (var i = 0; i < LoginLimits.FailuresOfAccount; i++) await FailsAsync(0, "anna", "attacker");
        Assert.False(await BeginsAsync(0, "anna", "attacker"));
        Assert.True(await BeginsAsync(1, "anna", "attacker"));

        // Once for each instance, not once for each try.
        Assert.Equal(2, _store.Failures);
        _store.IsAway = false;
        _time.Advance(LoginLimits.StorePause);
        for (var i = 0; i < LoginLimits.FailuresOfAccount; i++) await FailsAsync(i % 2, "anna", "attacker");
        Assert.False(await BeginsAsync(1, "anna", "attacker"));
        Assert.Equal(2, _store.Failures);
    }

    [Fact]
    public async Task A_store_that_does_not_answer_holds_nobody_up_for_longer_than_its_time()
    {
        _store.Hangs = true;
        var begin = _instances[0].BeginAsync("anna", "a").AsTask();
        while (!begin.IsCompleted)
        {
            _time.Advance(LoginLimits.StoreTime);
            await Task.Yield();
        }

        Assert.False((await begin)!.IsShared);
    }

    [Fact]
    public async Task A_store_of_one_process_is_not_asked()
    {
        var alone = new SharedLoginTries(new LoginTries(_time), new InMemoryMeshStore(_time), _time, NullLogger<SharedLoginTries>.Instance);
        Assert.False((await alone.BeginAsync("anna", "a"))!.IsShared);
    }

    private SharedLoginTries Instance() => new(new LoginTries(_time), _store, _time, NullLogger<SharedLoginTries>.Instance);

    private async Task<bool> BeginsAsync(int instance, string account, string address)
    {
        if (await _instances[instance].BeginAsync(account, address) is not { } attempt) return false;
        await _instances[instance].EndAsync(attempt, LoginTryEnd.Failed);
        return true;
    }

    private async Task FailsAsync(int instance, string account, string address) => Assert.True(await BeginsAsync(instance, account, address));

    /// <summary>A store of a cluster that can fail.</summary>
    private sealed class SharedStore(InMemoryMeshStore inner) : IMeshStore
    {
        public bool IsAway { get; set; }

        public bool Hangs { get; set; }

        public int Failures { get; private set; }

        public async ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default)
        {
            if (Hangs) await new TaskCompletionSource().Task;
            if (!IsAway) return await inner.TallyAsync(key, amount, lifetime, cancellation);
            Failures++;
            throw new TimeoutException();
        }

        public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default) => inner.ReadAsync(key, cancellation);

        public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default) => inner.WriteAsync(key, epoch, change, cancellation);

        public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default) => inner.DeleteAsync(key, epoch, cancellation);

        public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default) => inner.KeysAsync(prefix, cancellation);

        public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default) => inner.NextAsync(counter, cancellation);

        public ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default) => inner.SetPlacementAsync(key, value, lifetime, cancellation);

        public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default) => inner.GetPlacementAsync(key, cancellation);

        public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default) => inner.GetPlacementsAsync(prefix, cancellation);

        public ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default) => inner.RemovePlacementAsync(key, cancellation);
    }
}

using JitsiMesh.Auth.Oidc;
using JitsiMesh.Auth.Oidc.Logins;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.Oidc;

/// <summary>Two instances of the auth service over one store: whoever floods them with logins has as many as with one.</summary>
public sealed class OidcBudgetTests
{
    private static readonly OidcBudgetSizes Sizes = new() { OfAddress = 10, InAll = 25, OfNetwork = 8, OfProcess = 5_000 };

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryMeshStore _store;
    private readonly OidcBudget[] _instances;

    public OidcBudgetTests()
    {
        _store = new InMemoryMeshStore(_time);
        _instances = [Instance(), Instance()];
    }

    [Fact]
    public async Task An_address_has_its_number_of_each_step_a_minute_whichever_instance_is_asked()
    {
        for (var i = 0; i < Sizes.OfAddress; i++) Assert.Null(await TakeAsync(i % 2, OidcStep.Login, "attacker"));
        foreach (var instance in (int[])[0, 1]) Assert.Equal(OidcRefusal.TooOften, await TakeAsync(instance, OidcStep.Login, "attacker"));
        Assert.Null(await TakeAsync(0, OidcStep.Callback, "attacker"));
        Assert.Null(await TakeAsync(0, OidcStep.Logout, "attacker"));
        Assert.Null(await TakeAsync(1, OidcStep.Login, "another"));
        _time.Advance(OidcLimits.BudgetWindow);
        Assert.Null(await TakeAsync(1, OidcStep.Login, "attacker"));
    }

    [Fact]
    public async Task Requests_at_once_are_no_way_around_it()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => TakeAsync(i % 2, OidcStep.Callback, "attacker")));
        Assert.Equal(Sizes.OfAddress, taken.Count(refusal => refusal is null));
    }

    [Fact]
    public async Task Of_all_addresses_those_count_together_with_which_nobody_has_logged_in()
    {
        for (var i = 0; i < 200; i++)
        {
            Assert.Null(await TakeAsync(0, OidcStep.Login, "person " + i));
            Assert.Null(await TakeAsync(1, OidcStep.Callback, "person " + i));
            await _instances[1].FinishAsync(beginningCounted: true);
        }

        for (var i = 0; i < Sizes.InAll; i++) Assert.Null(await TakeAsync(i % 2, OidcStep.Login, "attacker " + i));
        Assert.Equal(OidcRefusal.Busy, await TakeAsync(0, OidcStep.Login, "ann"));
        Assert.Equal(OidcRefusal.Busy, await TakeAsync(1, OidcStep.Login, null));
        // Who is back from the provider already may end the login, and who wants to leave may leave.
        Assert.Null(await TakeAsync(1, OidcStep.Callback, "bob"));
        Assert.Null(await TakeAsync(1, OidcStep.Logout, "bob"));
        _time.Advance(OidcLimits.BudgetWindow);
        Assert.Null(await TakeAsync(0, OidcStep.Login, "ann"));
    }

    [Fact]
    public async Task An_address_beyond_its_limit_takes_nothing_from_others()
    {
        for (var i = 0; i < 5_000; i++) await TakeAsync(i % 2, OidcStep.Login, "attacker");
        for (var i = Sizes.OfAddress; i < Sizes.InAll; i++) Assert.Null(await TakeAsync(0, OidcStep.Login, "person " + i));
    }

    [Fact]
    public async Task A_process_counts_so_many_a_minute_and_refuses_the_rest_without_a_look()
    {
        for (var i = 0; i < Sizes.OfProcess; i++) await TakeAsync(0, OidcStep.Logout, "attacker " + (i / Sizes.OfAddress));
        Assert.Equal(OidcRefusal.Busy, await TakeAsync(0, OidcStep.Logout, "ann"));
        Assert.Null(await TakeAsync(1, OidcStep.Logout, "ann"));
        // Logouts cost a client nothing: they keep nobody from logging in.
        Assert.Null(await TakeAsync(0, OidcStep.Login, "ann"));
        Assert.Null(await TakeAsync(0, OidcStep.Callback, "ann"));
        _time.Advance(OidcLimits.BudgetWindow);
        Assert.Null(await TakeAsync(0, OidcStep.Logout, "ann"));
    }

    [Fact]
    public async Task While_the_store_is_away_each_process_counts_for_itself()
    {
        using var store = new DyingStore(_store, 1, takesEffect: false);
        var away = Instance(store);
        for (var i = 0; i < Sizes.OfAddress; i++) Assert.Null(await away.TakeAsync(OidcStep.Login, "attacker", costs: true));
        Assert.Equal(OidcRefusal.TooOften, await away.TakeAsync(OidcStep.Login, "attacker", costs: true));
        await away.FinishAsync(beginningCounted: true);
        for (var i = 0; i < Sizes.InAll; i++) await away.TakeAsync(OidcStep.Login, "person " + i, costs: true);
        Assert.Equal(OidcRefusal.Busy, await away.TakeAsync(OidcStep.Login, "ann", costs: true));
    }

    [Fact]
    public async Task One_address_alone_does_not_use_up_what_a_process_counts()
    {
        using var store = new DyingStore(_store, int.MaxValue, takesEffect: true);
        var instance = Instance(store);
        for (var i = 0; i < 2 * Sizes.OfProcess; i++) await instance.TakeAsync(OidcStep.Login, "attacker", costs: false);
        // It is refused without a look at the store.
        Assert.Equal(Sizes.OfAddress, store.Calls);
        foreach (var step in Enum.GetValues<OidcStep>()) Assert.Null(await instance.TakeAsync(step, "ann", costs: false));
        Assert.Null(await instance.TakeAsync(OidcStep.Logout, "attacker", costs: false));
        _time.Advance(OidcLimits.BudgetWindow);
        Assert.Null(await instance.TakeAsync(OidcStep.Login, "attacker", costs: false));
    }

    [Fact]
    public void A_process_keeps_a_bounded_number_of_addresses_and_forgets_those_whose_minute_is_over()
    {
        var addresses = new OidcAddresses(1, _time);
        for (var i = 0; i < OidcLimits.AddressesOfProcess; i++) Assert.True(addresses.TryCount(OidcStep.Login, "a" + i));
        Assert.False(addresses.TryCount(OidcStep.Login, "a7"));
        // One more is not kept: the store counts it.
        for (var i = 0; i < 3; i++) Assert.True(addresses.TryCount(OidcStep.Login, "more"));
        Assert.True(addresses.TryCount(OidcStep.Callback, "a7"));
        _time.Advance(OidcLimits.BudgetWindow);
        foreach (var isWithin in (bool[])[true, false]) Assert.Equal(isWithin, addresses.TryCount(OidcStep.Login, "more"));
        foreach (var isWithin in (bool[])[true, false]) Assert.Equal(isWithin, addresses.TryCount(OidcStep.Login, "a7"));
    }

    [Fact]
    public async Task A_beginning_that_turns_out_to_cost_counts_in_all_and_is_taken_off_when_it_ends_well()
    {
        for (var i = 0; i < 10 * Sizes.InAll; i++)
        {
            Assert.Null(await _instances[i % 2].TakeCostAsync(OidcStep.Login));
            Assert.Null(await _instances[i % 2].TakeAsync(OidcStep.Callback, "person " + i, costs: true));
            await _instances[i % 2].FinishAsync(beginningCounted: true);
        }

        for (var i = 0; i < Sizes.InAll; i++) Assert.Null(await _instances[i % 2].TakeCostAsync(OidcStep.Login));
        // What was not counted is not taken off.
        await _instances[0].FinishAsync(beginningCounted: false);
        foreach (var instance in _instances) Assert.Equal(OidcRefusal.Busy, await instance.TakeCostAsync(OidcStep.Login));
    }

    [Fact]
    public async Task A_network_of_many_addresses_cannot_use_up_what_all_share()
    {
        // A home with a /48 has 65,536 networks of a /64 each.
        for (var i = 0; i < 10 * Sizes.InAll; i++)
        {
            var refusal = await _instances[i % 2].TakeAsync(OidcStep.Callback, "address " + i, costs: true, "home");
            Assert.Equal(i < Sizes.OfNetwork ? null : OidcRefusal.TooOften, refusal);
        }

        for (var i = 0; i < Sizes.InAll - Sizes.OfNetwork; i++) Assert.Null(await _instances[i % 2].TakeAsync(OidcStep.Callback, "person " + i, costs: true, "network " + i));
        Assert.Equal(OidcRefusal.Busy, await _instances[0].TakeAsync(OidcStep.Callback, "ann", costs: true, "hers"));

        // Whoever was refused for the others' sake took nothing of its network's.
        await _instances[0].FinishAsync(beginningCounted: false, "network 1");
        for (var i = 0; i < 2 * Sizes.OfNetwork; i++)
        {
            Assert.Equal(i % 2 == 0 ? null : OidcRefusal.Busy, await _instances[i % 2].TakeAsync(OidcStep.Callback, "ann " + i, costs: true, "hers"));
            if (i % 2 == 1) await _instances[0].FinishAsync(beginningCounted: false, "hers");
        }
    }

    [Fact]
    public async Task People_of_one_network_who_log_in_are_not_counted()
    {
        for (var i = 0; i < 20 * Sizes.OfNetwork; i++)
        {
            Assert.Null(await _instances[i % 2].TakeCostAsync(OidcStep.Login, "office"));
            Assert.Null(await _instances[i % 2].TakeAsync(OidcStep.Callback, "person " + i, costs: true, "office"));
            await _instances[i % 2].FinishAsync(beginningCounted: true, "office");
        }
    }

    private OidcBudget Instance(DyingStore? store = null) => new(store is null ? _store : store, Sizes, _time, NullLogger<OidcBudget>.Instance);

    [Fact]
    public async Task A_return_that_costs_the_provider_nothing_counts_to_its_address_alone()
    {
        for (var i = 0; i < 2 * Sizes.InAll; i++) Assert.Null(await _instances[i % 2].TakeAsync(OidcStep.Callback, "attacker " + i, costs: false));
        Assert.Null(await TakeAsync(0, OidcStep.Callback, "ann"));
        for (var i = 0; i < Sizes.OfAddress; i++) Assert.Null(await _instances[i % 2].TakeAsync(OidcStep.Callback, "attacker", costs: false));
        Assert.Equal(OidcRefusal.TooOften, await _instances[0].TakeAsync(OidcStep.Callback, "attacker", costs: false));
    }

    private Task<OidcRefusal?> TakeAsync(int instance, OidcStep step, string? address) => _instances[instance].TakeAsync(step, address, costs: step != OidcStep.Logout).AsTask();
}

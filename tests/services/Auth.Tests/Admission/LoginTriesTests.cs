using JitsiMesh.Auth.Admission;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.Admission;

public sealed class LoginTriesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LoginTries _tries;

    public LoginTriesTests() => _tries = new LoginTries(_time);

    [Fact]
    public void One_address_has_ten_failures_of_an_account_in_a_minute()
    {
        for (var i = 0; i < LoginLimits.FailuresOfAccount; i++) Fails("anna", "attacker");
        Assert.False(_tries.TryBegin("anna", "attacker"));
        _time.Advance(LoginLimits.Window);
        Assert.True(_tries.TryBegin("anna", "attacker"));
    }

    [Fact]
    public void Tries_at_once_are_no_way_around_the_limit()
    {
        var begun = Enumerable.Range(0, 100).Count(_ => _tries.TryBegin("anna", "attacker"));
        Assert.Equal(LoginLimits.FailuresOfAccount, begun);
    }

    [Fact]
    public void Whoever_guesses_does_not_keep_the_owner_out()
    {
        for (var i = 0; i < LoginLimits.FailuresOfAccount; i++) Fails("anna", "attacker");
        Assert.True(_tries.TryBegin("anna", "owner"));
        _tries.Succeeded("anna", "owner");

        // Known now, whatever happens: further addresses of the attacker use up what there is for fresh ones.
        var guesses = Enumerable.Range(0, 100).Count(i => Begins("anna", $"attacker {i}"));
        Assert.Equal(LoginLimits.FreshAddresses - 1, guesses);
        Assert.True(_tries.TryBegin("anna", "owner"));
        _tries.Failed("anna", "owner");
        Assert.True(_tries.TryBegin("anna", "owner"));
    }

    [Fact]
    public void An_address_that_failed_has_no_more_tries_than_the_account()
    {
        for (var i = 0; i < LoginLimits.FailuresOfAccount; i++) Fails("anna", "attacker");
        Fails("anna", "second");
        Assert.False(_tries.TryBegin("anna", "second"));
    }

    [Fact]
    public void An_address_has_thirty_failures_of_all_accounts_in_a_minute()
    {
        for (var i = 0; i < LoginLimits.FailuresOfAddress; i++) Fails($"account {i}", "attacker");
        Assert.False(_tries.TryBegin("anna", "attacker"));
        Assert.True(_tries.TryBegin("anna", "another"));
        _time.Advance(LoginLimits.Window);
        Assert.True(_tries.TryBegin("anna", "attacker"));
    }

    [Fact]
    public void What_succeeds_or_what_nobody_can_tell_does_not_count()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(_tries.TryBegin("anna", "a"));
            if (i % 2 == 0) _tries.Succeeded("anna", "a");
            else _tries.Withdrawn("anna", "a");
        }
    }

    [Fact]
    public void Without_an_address_the_account_alone_counts()
    {
        for (var i = 0; i < LoginLimits.FailuresOfAccount; i++) Fails("anna", "");
        Assert.False(_tries.TryBegin("anna", ""));
        Assert.True(_tries.TryBegin("bob", ""));
    }

    [Fact]
    public void What_is_kept_is_bounded_and_comes_free_with_time()
    {
        for (var i = 0; i < LoginLimits.Windows; i++) Fails($"account {i}", "");
        Assert.False(_tries.TryBegin("one more", ""));
        Assert.True(_tries.TryBegin("account 1", ""));
        _tries.Failed("account 1", "");
        _time.Advance(LoginLimits.Window);
        Assert.True(_tries.TryBegin("one more", ""));
    }

    private bool Begins(string account, string address)
    {
        if (!_tries.TryBegin(account, address)) return false;
        _tries.Failed(account, address);
        return true;
    }

    private void Fails(string account, string address) => Assert.True(Begins(account, address));
}

using System.Diagnostics;
using JitsiMesh.Auth.Ldap;
using JitsiMesh.Auth.Ldap.Logins;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>Neither what the directory is asked nor how long it takes tells a name that it does not know from a wrong password.</summary>
public sealed class RefusalPaceTests
{
    private const byte Bind = 0x60;
    private const byte Search = 0x63;

    [Theory]
    [InlineData("bind", "dc=x", 1, new[] { Search, Bind })]
    [InlineData("bind", "dc=x", 0, new[] { Search, Bind })]
    [InlineData("bind", "", 0, new[] { Search, Bind })]
    [InlineData("bind", "dc=x", 2, new[] { Search, Bind })]
    [InlineData("custom", "dc=x", 1, new[] { Search })]
    [InlineData("custom", "dc=x", 0, new[] { Search })]
    public async Task As_many_operations_are_asked_for_whether_one_entry_matches_or_none_or_two(string method, string searchBase, int hits, byte[] expected)
    {
        using var server = new FakeDirectory(request => request.Operation == Bind ? Refusal(request.Id) : Found(request.Id, hits));
        await using var auth = LdapHarness.With(("LDAP_URL", server.Address), ("LDAP_BASE", searchBase), ("LDAP_AUTH_METHOD", method));

        Assert.Equal("not-authorized", (await auth.LoginAsync("anna", "wrong")).Refused.Condition);

        Assert.Equal(expected, server.Operations);
    }

    // A directory that lets everybody bind, as some do with names that they do not know.
    [Fact]
    public async Task A_bind_that_succeeds_for_nobody_lets_nobody_in()
    {
        using var server = new FakeDirectory(request => request.Operation == Bind ? FakeDirectory.Message(request.Id, 1, [0x0A, 1, 0, 4, 0, 4, 0]) : Found(request.Id, 0));
        await using var auth = LdapHarness.With(("LDAP_URL", server.Address), ("LDAP_BASE", "dc=x"));

        Assert.Equal("not-authorized unknown_user", await auth.OutcomeAsync("nobody", "a password"));
    }

    // Such as a name that it finds malformed: that says nothing about the directory's health.
    [Fact]
    public async Task An_odd_answer_to_the_bind_of_nobody_is_no_failure_of_the_directory()
    {
        using var server = new FakeDirectory(request => request.Operation == Bind ? FakeDirectory.Message(request.Id, 1, [0x0A, 1, 64, 4, 0, 4, 0]) : Found(request.Id, 0));
        await using var auth = LdapHarness.With(("LDAP_URL", server.Address), ("LDAP_BASE", "dc=x"));

        Assert.Equal("not-authorized unknown_user", await auth.OutcomeAsync("nobody", "a password"));
    }

    [Fact]
    public async Task An_unknown_name_is_refused_no_sooner_than_the_recent_passwords_were()
    {
        var time = new FakeTimeProvider();
        var pace = new RefusalPace(time);
        var first = pace.Begin();
        Assert.True(pace.KeepAsync(pace.Begin(), default).IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(80));
        pace.Record(first);
        Assert.Equal(TimeSpan.FromMilliseconds(80), pace.Average);
        var begin = pace.Begin();
        time.Advance(TimeSpan.FromMilliseconds(30));
        var kept = pace.KeepAsync(begin, default);
        time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(kept.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await kept;

        // One slow password holds nobody back for long.
        first = pace.Begin();
        time.Advance(TimeSpan.FromMinutes(1));
        pace.Record(first);
        Assert.True(pace.Average < LdapLimits.LongestPace);
    }

    [Fact]
    public async Task Whose_time_is_over_waits_no_longer()
    {
        var time = new FakeTimeProvider();
        var pace = new RefusalPace(time);
        var begin = pace.Begin();
        time.Advance(TimeSpan.FromSeconds(1));
        pace.Record(begin);
        using var over = new CancellationTokenSource();
        var kept = pace.KeepAsync(pace.Begin(), over.Token);
        await over.CancelAsync();

        await kept;
    }

    // A server that computes a hash for those whom it knows, and answers others at once.
    [Fact]
    public async Task A_directory_that_takes_its_time_with_passwords_alone_tells_nobody()
    {
        var hits = 1;
        using var server = new FakeDirectory(request =>
        {
            if (request.Operation != Bind) return Found(request.Id, Volatile.Read(ref hits));
            if (Volatile.Read(ref hits) == 1) Thread.Sleep(150);
            return Refusal(request.Id);
        });
        await using var auth = LdapHarness.With(("LDAP_URL", server.Address), ("LDAP_BASE", "dc=x"));
        for (var i = 0; i < 3; i++) Assert.Equal("not-authorized wrong_password", await auth.OutcomeAsync("anna", "wrong"));

        Volatile.Write(ref hits, 0);
        var began = Stopwatch.GetTimestamp();
        Assert.Equal("not-authorized unknown_user", await auth.OutcomeAsync("nobody", "wrong"));
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(140));
    }

    private static byte[] Refusal(int id) => FakeDirectory.Message(id, 1, [0x0A, 1, 49, 4, 0, 4, 0]);

    private static byte[] Found(int id, int hits) =>
    [
        .. Enumerable.Range(0, hits).SelectMany(i => FakeDirectory.Message(id, 4, [.. FakeDirectory.Text(FormattableString.Invariant($"uid=anna{i},dc=x")), .. FakeDirectory.Wrap(0x30)])),
        .. FakeDirectory.Message(id, 5, [0x0A, 1, 0, 4, 0, 4, 0]),
    ];
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Kit.Directories;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>Servers that are down, slow, or not the ones that they should be.</summary>
public sealed class LdapServerTests(SlapdFixture slapd) : IClassFixture<SlapdFixture>
{
    [SlapdTheory]
    [InlineData("ldaps", "1", "", "anna")]
    [InlineData("ldaps", "1", "other", "temporary-auth-failure ldap_certificate")]
    [InlineData("ldaps", "0", "other", "anna")]
    [InlineData("starttls", "1", "", "anna")]
    [InlineData("starttls", "1", "other", "temporary-auth-failure ldap_certificate")]
    [InlineData("starttls", "0", "other", "anna")]
    public async Task The_certificate_counts_with_ldaps_and_StartTLS_alike(string way, string check, string authority, string expected)
    {
        using var other = new TestAuthority("Another CA");
        var file = Path.Combine(slapd.EmptyFolder, "..", $"{way}{check}{authority}.pem");
        await File.WriteAllTextAsync(file, authority.Length > 0 ? other.Pem : await File.ReadAllTextAsync(slapd.Authority));
        await using var auth = LdapHarness.Of(slapd, ("LDAP_URL", way == "ldaps" ? slapd.Tls : slapd.Plain), ("LDAP_START_TLS", way == "starttls" ? "1" : "0"),
            ("LDAP_TLS_CHECK_PEER", check), ("LDAP_TLS_CACERT_FILE", file), ("LDAP_USE_TLS", "1"));

        Assert.Equal(expected, await auth.OutcomeAsync("anna", TestEntries.Password));
        Assert.Equal(check == "0" ? 1 : 0, auth.Log.Text.Split('\n').Count(line => line.Contains("unverified", StringComparison.Ordinal)));
        if (expected != "anna") Assert.Contains("it was not issued by a trusted authority", auth.Log.Text, StringComparison.Ordinal);
    }

    [SlapdFact]
    public async Task An_authority_in_the_folder_is_trusted_too_also_one_that_is_put_there_later()
    {
        using var other = new TestAuthority("Another CA");
        var folder = Directory.CreateDirectory(Path.Combine(slapd.EmptyFolder, "..", "authorities")).FullName;
        var file = Path.Combine(folder, "..", "another.pem");
        await File.WriteAllTextAsync(file, other.Pem);
        await using var auth = LdapHarness.Of(slapd, ("LDAP_URL", slapd.Tls), ("LDAP_TLS_CACERT_FILE", file), ("LDAP_TLS_CACERT_DIR", folder));
        Assert.Equal("temporary-auth-failure ldap_certificate", await auth.OutcomeAsync("anna", TestEntries.Password));

        File.Copy(slapd.Authority, Path.Combine(folder, "corp.crt"));
        File.CreateSymbolicLink(Path.Combine(folder, "0123abcd.0"), "nowhere.crt");

        Assert.Equal("anna", await auth.OutcomeAsync("anna", TestEntries.Password));
    }

    [SlapdTheory]
    [InlineData("SECURE256:SECURE128", "anna")]
    [InlineData("SECURE256:-VERS-TLS1.3", "anna")]
    [InlineData("ECDHE+AESGCM:!aNULL", "anna")]
    [InlineData("TLS_AES_128_GCM_SHA256", "anna")]
    [InlineData("ECDHE-ECDSA-AES256-GCM-SHA384", "temporary-auth-failure ldap_tls")]
    public async Task The_ciphers_are_those_that_are_allowed(string ciphers, string expected)
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_URL", slapd.Tls), ("LDAP_TLS_CIPHERS", ciphers));

        Assert.Equal(expected, await auth.OutcomeAsync("anna", TestEntries.Password));
    }

    [SlapdFact]
    public async Task A_server_that_goes_and_comes_back_is_used_again_at_once()
    {
        await using var own = new RunningSlapd(people: 10);
        await own.InitializeAsync();
        await using var auth = LdapHarness.Of(own);
        Assert.Equal("anna", await auth.OutcomeAsync("anna", TestEntries.Password));

        await own.KillAsync();
        var down = await auth.LoginAsync("anna", TestEntries.Password);
        Assert.Equal(("temporary-auth-failure", "ldap_unreachable"), (down.Refused.Condition, down.Refused.Reason));
        Assert.Contains(own.Plain, (await LdapLoginTests.HealthAsync(auth)).Description!, StringComparison.Ordinal);

        await own.StartAsync();
        Assert.Equal("anna", await auth.OutcomeAsync("anna", TestEntries.Password));
        Assert.Equal(HealthStatus.Healthy, (await LdapLoginTests.HealthAsync(auth)).Status);
        await own.KillAsync();
    }

    [SlapdFact]
    public async Task A_certificate_that_has_expired_or_is_for_another_name_is_not_accepted()
    {
        await using var own = new RunningSlapd(people: 10);
        await own.InitializeAsync();
        await own.KillAsync();
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (from, to, name, text) in new[] { (now.AddDays(-9), now.AddDays(-2), "localhost", "it has expired"), (now.AddDays(-9), now.AddDays(9), "ldap.example", "it is not for the name 127.0.0.1") })
        {
            await own.UseCertificateAsync(from, to, name, withAddress: name == "localhost");
            await own.StartAsync();
            await using var auth = LdapHarness.Of(own, ("LDAP_URL", own.Tls));

            Assert.Equal("temporary-auth-failure ldap_certificate", await auth.OutcomeAsync("anna", TestEntries.Password));
            Assert.Contains(text, auth.Log.Text, StringComparison.Ordinal);
            await own.KillAsync();
        }
    }

    [SlapdFact]
    public async Task A_dead_first_server_costs_one_login_a_little_and_the_next_nothing()
    {
        // The first server takes connections and never says anything: TLS to it does not come about.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var dead = $"ldaps://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        await using var auth = LdapHarness.Of(slapd, ("LDAP_URL", $"{dead} {slapd.Tls}"));

        var first = await TimedAsync(auth);
        var second = await TimedAsync(auth);

        Assert.Equal(("anna", "anna"), (first.Outcome, second.Outcome));
        Assert.InRange(first.Time, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(6));
        Assert.True(second.Time < TimeSpan.FromSeconds(1.5), $"The dead server was asked again: {second.Time}");
        Assert.Contains(dead, auth.Log.Text, StringComparison.Ordinal);
    }

    [SlapdFact]
    public async Task A_login_never_waits_longer_than_six_seconds()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var dead = $"ldap://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        await using var auth = LdapHarness.Of(slapd, ("LDAP_URL", $"{dead} {dead} {dead}"));

        var (outcome, time) = await TimedAsync(auth);

        Assert.Equal("temporary-auth-failure ldap_timeout", outcome);
        // Six seconds, and what a busy machine adds.
        Assert.InRange(time, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6.8));
    }

    [SlapdFact]
    public async Task A_server_without_StartTLS_gets_no_password_in_clear()
    {
        using var server = new FakeDirectory(received => FakeDirectory.Message(received.Id, 24, [0x0A, 1, 2, 4, 0, 4, 0]));
        await using var auth = LdapHarness.Of(slapd, ("LDAP_URL", server.Address), ("LDAP_START_TLS", "1"));

        Assert.Equal("temporary-auth-failure ldap_tls", await auth.OutcomeAsync("anna", TestEntries.Password));
        Assert.DoesNotContain((byte)0x60, server.Operations.ToArray());
    }

    [SlapdFact]
    public async Task Another_server_to_which_a_search_refers_is_not_asked()
    {
        // A bind that succeeds, one reference and nothing else.
        using var server = new FakeDirectory(received => received.Operation == 0x60
            ? FakeDirectory.Message(received.Id, 1, [0x0A, 1, 0, 4, 0, 4, 0])
            : [.. FakeDirectory.Message(received.Id, 19, [4, 21, .. System.Text.Encoding.ASCII.GetBytes("ldap://127.0.0.1:1/a=")]), .. FakeDirectory.Message(received.Id, 5, [0x0A, 1, 0, 4, 0, 4, 0])]);
        await using var auth = LdapHarness.Of(slapd, ("LDAP_URL", server.Address));

        Assert.Equal("not-authorized unknown_user", await auth.OutcomeAsync("anna", TestEntries.Password));
    }

    private static async Task<(string Outcome, TimeSpan Time)> TimedAsync(LdapHarness auth)
    {
        var began = Stopwatch.GetTimestamp();
        var outcome = await auth.OutcomeAsync("anna", TestEntries.Password);
        return (outcome, Stopwatch.GetElapsedTime(began));
    }
}

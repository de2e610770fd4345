using System.Diagnostics;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Kit.Directories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>Logins against a real directory.</summary>
public sealed class LdapLoginTests(SlapdFixture slapd) : IClassFixture<SlapdFixture>
{
    private const string Groups = "ou=groups,dc=corp,dc=example";

    [SlapdTheory]
    [InlineData("anna", TestEntries.Password, "anna")]
    [InlineData("ANNA", TestEntries.Password, "anna")]
    [InlineData("anna@meet.jitsi", TestEntries.Password, "not-authorized unknown_user")]
    [InlineData("anna", "Sesam öffne dicht", "not-authorized wrong_password")]
    [InlineData("nobody", "x", "not-authorized unknown_user")]
    [InlineData("outside", "outside password", "not-authorized unknown_user")]
    [InlineData("locked", "locked password", "not-authorized wrong_password")]
    [InlineData("anna@elsewhere.example", TestEntries.Password, "not-authorized login_name")]
    public async Task Bind_finds_the_entry_below_the_base_and_binds_as_it(string name, string password, string expected)
    {
        await using var auth = LdapHarness.Of(slapd);

        Assert.Equal(expected, await auth.OutcomeAsync(name, password));
    }

    [SlapdFact]
    public async Task Who_is_admitted_is_known_by_name_mail_and_groups()
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_MODERATOR_GROUPS", $"CN=Hosts, {Groups.ToUpperInvariant()}"), ("LDAP_FEATURE_GROUPS", $"recording=cn=recorders,{Groups};livestreaming=cn=hosts,{Groups}"));

        var anna = LdapHarness.Context(await auth.LoginAsync("Anna", TestEntries.Password, "anna@meet.jitsi"));
        var berta = LdapHarness.Context(await auth.LoginAsync("berta", "berta's"));

        Assert.Equal("anna@meet.jitsi", anna.Identity);
        Assert.Equal("""{"id":"anna","name":"Anna Ångström","email":"anna@corp.example"}""", System.Text.RegularExpressions.Regex.Unescape(anna.UserContext!));
        Assert.Equal((true, """{"recording":false,"livestreaming":true}"""), (anna.Moderator, anna.Features));

        // Through a group that is a member of the group.
        Assert.Equal((false, """{"recording":true,"livestreaming":false}"""), (berta.Moderator, berta.Features));
    }

    [SlapdFact]
    public async Task Without_groups_in_the_settings_the_directory_says_nothing_of_rights()
    {
        await using var auth = LdapHarness.Of(slapd);

        var context = LdapHarness.Context(await auth.LoginAsync("anna", TestEntries.Password));

        Assert.Null(context.Moderator);
        Assert.Null(context.Features);
    }

    [SlapdTheory]
    [InlineData("(sAMAccountName=%u)", "", "anna", "anna")]
    [InlineData("(userPrincipalName=%u)", "corp.example", "anna@corp.example", "anna")]
    [InlineData("(userPrincipalName=%u)", "corp.example", "anna", "not-authorized unknown_user")]
    [InlineData("(userPrincipalName=%U@%d)", "corp.example", "Anna", "anna")]
    [InlineData("(mail=%U@%2.%1)", "corp.example", "anna", "anna")]
    [InlineData("(&(uid=%U)(!(cn=%%)))", "", "anna", "anna")]
    [InlineData("(&(uid=%u)(memberOf=cn=hosts,ou=groups,%D))", "corp.example", "anna", "anna")]
    [InlineData("(&(uid=%u)(memberOf=cn=hosts,ou=groups,%D))", "corp.example", "carl", "not-authorized unknown_user")]
    [InlineData("(&(uid=%u)(|(cn=%s)(mail=*@%r)))", "corp.example", "anna", "anna")]
    public async Task The_filter_has_the_parts_of_the_name_in_it(string filter, string realm, string name, string expected)
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_FILTER", filter), ("LDAP_REALM", realm));

        Assert.Equal(expected, await auth.OutcomeAsync(name, name.StartsWith('c') ? "carls password" : TestEntries.Password));
    }

    [SlapdFact]
    public async Task Two_entries_of_one_name_are_nobody()
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_BASE", RunningSlapd.Suffix));

        Assert.Equal("not-authorized ambiguous_user", await auth.OutcomeAsync("twin", "twin password"));
        Assert.Equal("anna", await auth.OutcomeAsync("anna", TestEntries.Password));
    }

    [SlapdTheory]
    [InlineData("*")]
    [InlineData("*)(uid=*")]
    [InlineData("anna)(|(uid=*")]
    [InlineData("ann\\61")]
    [InlineData("ann*")]
    [InlineData("\\")]
    [InlineData("anna\u0001")]
    [InlineData("anna,ou=people")]
    [InlineData("аnna")]
    [InlineData("ａnna\u200d")]
    [InlineData("anna ")]
    [InlineData("#anna")]
    public async Task A_name_is_never_syntax(string name)
    {
        await using var search = LdapHarness.Of(slapd);
        await using var fast = LdapHarness.Of(slapd, ("LDAP_AUTH_METHOD", "fastbind"), ("LDAP_FILTER", "uid=%u,ou=people,dc=corp,dc=example"));

        foreach (var auth in new[] { search, fast })
        {
            Assert.Equal("not-authorized", (await auth.LoginAsync(name, TestEntries.Password)).Refused.Condition);
        }
    }

    [SlapdFact]
    public async Task A_nul_in_a_name_and_what_is_no_plain_message_are_malformed()
    {
        await using var auth = LdapHarness.Of(slapd);

        Assert.Equal("malformed-request", (await auth.LoginAsync("an\0na", TestEntries.Password)).Refused.Condition);
        Assert.Equal("malformed-request", (await auth.SendAsync([0xFF, 0, 0xC3, 0, 0x28])).Refused.Condition);
        Assert.Equal("invalid-authzid", (await auth.LoginAsync("anna", TestEntries.Password, "carl@meet.jitsi")).Refused.Condition);
    }

    [SlapdTheory]
    [InlineData("bind", "uid=%u")]
    [InlineData("custom", "uid=%u")]
    [InlineData("fastbind", "uid=%u,ou=people,dc=corp,dc=example")]
    public async Task An_empty_password_never_reaches_a_server(string method, string filter)
    {
        // slapd would take it for an anonymous bind, which succeeds.
        await using var auth = LdapHarness.Of(slapd, ("LDAP_AUTH_METHOD", method), ("LDAP_FILTER", filter), ("LDAP_URL", "ldap://127.0.0.1:1"));

        Assert.Equal("not-authorized empty_password", await auth.OutcomeAsync("anna", ""));
    }

    [SlapdTheory]
    [InlineData("md5")]
    [InlineData("smd5")]
    [InlineData("sha")]
    [InlineData("ssha")]
    [InlineData("crypt1")]
    [InlineData("crypt6")]
    [InlineData("clear")]
    public async Task Custom_compares_each_form_of_a_stored_password(string name)
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_AUTH_METHOD", "custom"));

        Assert.Equal(name, await auth.OutcomeAsync(name, "geheim"));
        Assert.Equal("not-authorized wrong_password", await auth.OutcomeAsync(name, "geheimer"));
        Assert.Equal("not-authorized wrong_password", await auth.OutcomeAsync(name, "{MD5}"));
    }

    [SlapdFact]
    public async Task Custom_admits_nobody_whose_password_it_may_not_read()
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_AUTH_METHOD", "custom"), ("LDAP_BINDDN", ""), ("LDAP_BINDPW", ""));

        Assert.Equal("not-authorized wrong_password", await auth.OutcomeAsync("clear", "geheim"));
    }

    [SlapdFact]
    public async Task Fastbind_binds_with_the_name_that_the_filter_makes()
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_AUTH_METHOD", "fastbind"), ("LDAP_FILTER", "uid=%u,ou=people,dc=corp,dc=example"), ("LDAP_BINDDN", ""), ("LDAP_BINDPW", ""),
            ("LDAP_MODERATOR_GROUPS", "cn=hosts," + Groups));

        var anna = await auth.LoginAsync("anna", TestEntries.Password);

        Assert.Equal("anna", anna.Admitted.Username);
        Assert.True(LdapHarness.Context(anna).Moderator);
        Assert.Equal("not-authorized wrong_password", await auth.OutcomeAsync("anna", "wrong"));
        Assert.Equal("not-authorized wrong_password", await auth.OutcomeAsync("nobody", "wrong"));
    }

    [SlapdFact]
    public async Task An_anonymous_search_finds_what_everybody_may_see()
    {
        await using var anonymous = LdapHarness.Of(slapd, ("LDAP_BINDDN", ""), ("LDAP_BINDPW", ""), ("LDAP_BASE", ""));
        await using var service = LdapHarness.Of(slapd, ("LDAP_BASE", RunningSlapd.Suffix));

        Assert.Equal("not-authorized unknown_user", await anonymous.OutcomeAsync("hidden", "hidden password"));
        Assert.Equal("hidden", await service.OutcomeAsync("hidden", "hidden password"));
    }

    [SlapdFact]
    public async Task Version_2_logs_in_where_the_server_has_it()
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_VERSION", "2"));

        Assert.Equal("anna", await auth.OutcomeAsync("anna", TestEntries.Password));
    }

    [SlapdFact]
    public async Task A_wrong_password_of_the_account_that_searches_is_not_told_as_a_wrong_password()
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_BINDPW", "another"));

        var answer = await auth.LoginAsync("anna", TestEntries.Password);

        Assert.Equal(("temporary-auth-failure", "ldap_service_bind"), (answer.Refused.Condition, answer.Refused.Reason));
        Assert.Contains($"{slapd.Plain}: directory bind failed: bind as the service account failed", auth.Log.Text, StringComparison.Ordinal);
        Assert.Contains("LDAP_BINDDN, LDAP_BINDPW", auth.Log.Text, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, (await HealthAsync(auth)).Status);
    }

    [SlapdFact]
    public async Task A_base_that_is_not_there_is_an_error_of_the_settings()
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_BASE", "ou=nothing,dc=corp,dc=example"));

        Assert.Equal("temporary-auth-failure ldap_search", await auth.OutcomeAsync("anna", TestEntries.Password));
        Assert.Contains("LDAP_BASE", auth.Log.Text, StringComparison.Ordinal);
    }

    [SlapdFact]
    public async Task Nothing_that_people_type_is_logged()
    {
        await using var auth = LdapHarness.Of(slapd);

        await auth.OutcomeAsync("anna", TestEntries.Password);
        await auth.OutcomeAsync("anna", "a wrong one");
        await auth.OutcomeAsync("strangename", "x");

        Assert.DoesNotContain("Sesam", auth.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("a wrong one", auth.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", auth.Log.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("strangename", auth.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(RunningSlapd.ServicePassword, auth.Log.Text, StringComparison.Ordinal);
    }

    [SlapdFact]
    public async Task Many_wrong_passwords_end_in_a_refusal_that_asks_no_directory()
    {
        await using var auth = LdapHarness.Of(slapd);

        for (var i = 0; i < 10; i++) Assert.Equal("not-authorized wrong_password", await auth.OutcomeAsync("carl", "guess"));

        Assert.Equal("temporary-auth-failure too_many_tries", await auth.OutcomeAsync("carl", "carls password"));
        Assert.Equal("anna", await auth.OutcomeAsync("anna", TestEntries.Password));
    }

    [SlapdFact]
    public async Task Many_logins_at_once_share_the_connections()
    {
        await using var auth = LdapHarness.Of(slapd, ("LDAP_AUTH_METHOD", "bind"));
        string[] names = ["md5", "smd5", "sha", "ssha", "crypt1", "crypt6", "clear"];

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 49).Select(i => auth.OutcomeAsync(names[i % names.Length], "geheim")));

        Assert.Equal(Enumerable.Range(0, 49).Select(i => names[i % names.Length]), outcomes);
    }

    internal static async Task<HealthReportEntry> HealthAsync(LdapHarness auth) =>
        (await auth.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "ldap")).Entries["ldap"];
}

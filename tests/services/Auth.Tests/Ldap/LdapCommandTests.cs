using JitsiMesh.Auth.Ldap;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Kit.Directories;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary><c>ldap test USER</c>: each step on a line, and which setting to look at.</summary>
public sealed class LdapCommandTests(SlapdFixture slapd) : IClassFixture<SlapdFixture>
{
    [SlapdFact]
    public async Task Each_step_of_a_login_that_works_is_said()
    {
        var (code, text) = await RunAsync("anna", TestEntries.Password, ("LDAP_URL", slapd.Tls), ("LDAP_MODERATOR_GROUPS", "cn=hosts,ou=groups,dc=corp,dc=example"));

        Assert.True(code == 0, text);
        var steps = text.Split('\n').Where(line => line.StartsWith("ok", StringComparison.Ordinal)).Select(line => line[8..].Split(':')[0]).ToList();
        Assert.Equal(["settings", "name", "connect", "TLS", "service bind", "search", "connect", "TLS", "user bind", "groups"], steps);
        Assert.Contains("certificate verified", text, StringComparison.Ordinal);
        Assert.Contains("moderator: yes", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Sesam", text, StringComparison.Ordinal);
    }

    [SlapdTheory]
    [InlineData("anna", "wrong", "failed  user bind: wrong password", "", "")]
    [InlineData("nobody", "x", "failed  hits: no entry matches (look at LDAP_BASE, LDAP_FILTER)", "", "")]
    [InlineData("twin", "x", "failed  hits: more than one entry matches", "LDAP_BASE", RunningSlapd.Suffix)]
    [InlineData("anna", "x", "bind as the service account failed (InvalidCredentials) (look at LDAP_BINDDN, LDAP_BINDPW)", "LDAP_BINDPW", "another")]
    [InlineData("anna", "x", "connection refused (look at LDAP_URL)", "LDAP_URL", "ldap://127.0.0.1:1")]
    [InlineData("anna", "x", "failed  settings: LDAP_URL", "LDAP_URL", "http://x")]
    [InlineData("anna@elsewhere", "x", "failed  name:", "", "")]
    [InlineData("anna", "x", "(look at LDAP_BASE, LDAP_FILTER)", "LDAP_BASE", "ou=none,dc=corp,dc=example")]
    public async Task The_step_that_fails_names_the_setting(string user, string password, string expected, string setting, string value)
    {
        var (code, text) = await RunAsync(user, password, setting.Length > 0 ? [(setting, value)] : []);

        Assert.Equal(1, code);
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [SlapdFact]
    public async Task Without_a_password_the_entry_and_its_groups_are_looked_up_and_no_password_is_tried()
    {
        var (code, text) = await RunAsync("anna", null);

        Assert.Equal(0, code);
        Assert.Contains("user bind: not tried", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_is_not_understood_ends_with_2()
    {
        Assert.Equal(2, await LdapCommand.RunAsync(["test"], () => MeshSettings.From([]), TextWriter.Null, TextReader.Null));
    }

    private async Task<(int Code, string Text)> RunAsync(string user, string? password, params (string Name, string Value)[] values)
    {
        var settings = new Dictionary<string, string?>
        {
            ["LDAP_URL"] = slapd.Plain,
            ["LDAP_BASE"] = "ou=people," + RunningSlapd.Suffix,
            ["LDAP_BINDDN"] = RunningSlapd.ServiceName,
            ["LDAP_BINDPW"] = RunningSlapd.ServicePassword,
            ["LDAP_TLS_CACERT_FILE"] = slapd.Authority,
            ["LDAP_TLS_CACERT_DIR"] = slapd.EmptyFolder,
        };
        foreach (var (name, value) in values) settings[name] = value;
        using var output = new StringWriter();
        using var input = new StringReader(password ?? "");
        string[] args = password is null ? ["test", user] : ["test", user, "--password-stdin"];
        var code = await LdapCommand.RunAsync(args, () => MeshSettings.From(settings), output, input);
        return (code, output.ToString());
    }
}

using JitsiMesh.Auth.Ldap;
using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>Settings that contradict themselves end the start, with the name of the one at fault.</summary>
public sealed class LdapOptionsTests
{
    [Theory]
    [InlineData("LDAP_URL", "LDAP_URL", "")]
    [InlineData("LDAP_URL", "LDAP_URL", "http://ldap.example")]
    [InlineData("LDAP_URL", "LDAP_URL", "ldap://ldap.example/dc=example")]
    [InlineData("LDAP_URL", "LDAP_URL", "ldap://user:pw@ldap.example")]
    [InlineData("LDAP_START_TLS", "LDAP_START_TLS", "1", "LDAP_URL", "ldaps://ldap.example", "LDAP_TLS_CHECK_PEER", "0")]
    [InlineData("LDAP_VERSION", "LDAP_VERSION", "2", "LDAP_START_TLS", "1", "LDAP_TLS_CHECK_PEER", "0")]
    [InlineData("LDAP_VERSION", "LDAP_VERSION", "4")]
    [InlineData("LDAP_USE_TLS", "LDAP_USE_TLS", "1")]
    [InlineData("LDAP_BINDPW", "LDAP_BINDDN", "cn=x")]
    [InlineData("LDAP_BINDDN", "LDAP_BINDPW", "secret")]
    [InlineData("LDAP_FILTER", "LDAP_FILTER", "(uid=%u")]
    [InlineData("LDAP_FILTER", "LDAP_FILTER", "(uid=%x)")]
    [InlineData("LDAP_FILTER", "LDAP_FILTER", "(uid=anna)")]
    [InlineData("LDAP_FILTER", "LDAP_FILTER", "(uid=%u)", "LDAP_AUTH_METHOD", "fastbind")]
    [InlineData("LDAP_AUTH_METHOD", "LDAP_AUTH_METHOD", "sasl")]
    [InlineData("LDAP_TLS_CIPHERS", "LDAP_TLS_CIPHERS", "SECURE256:+VERS-TLS1.0")]
    [InlineData("LDAP_TLS_CIPHERS", "LDAP_TLS_CIPHERS", "%COMPAT")]
    [InlineData("LDAP_TLS_CIPHERS", "LDAP_TLS_CIPHERS", "HIGH:!ALL")]
    [InlineData("LDAP_TLS_CACERT_FILE", "LDAP_URL", "ldaps://ldap.example", "LDAP_TLS_CACERT_FILE", "/nowhere/ca.pem")]
    [InlineData("LDAP_TLS_CACERT_DIR", "LDAP_URL", "ldaps://ldap.example", "LDAP_TLS_CACERT_DIR", "/nowhere")]
    [InlineData("LDAP_MODERATOR_GROUPS", "LDAP_MODERATOR_GROUPS", "hosts")]
    [InlineData("LDAP_FEATURE_GROUPS", "LDAP_FEATURE_GROUPS", "cn")]
    public void What_cannot_be_meant_is_refused_by_name(string atFault, params string[] values)
    {
        var refusal = Assert.Throws<SettingsException>(() => Read([("LDAP_URL", "ldap://ldap.example"), .. values.Chunk(2).Select(pair => (pair[0], pair[1]))]));

        Assert.StartsWith(atFault + ":", Assert.Single(refusal.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void The_samples_of_the_tables_are_read()
    {
        var options = Read(("LDAP_URL", "ldaps://ldap.domain.com/ ldaps://[::1]:1636"), ("LDAP_BASE", "DC=example,DC=domain,DC=com"), ("LDAP_BINDDN", "CN=binduser,OU=users,DC=example,DC=domain,DC=com"),
            ("LDAP_BINDPW", "LdapUserPassw0rd"), ("LDAP_FILTER", "(sAMAccountName=%u)"), ("LDAP_AUTH_METHOD", "bind"), ("LDAP_VERSION", "3"), ("LDAP_TLS_CIPHERS", "SECURE256:SECURE128"),
            ("LDAP_TLS_CHECK_PEER", "0"), ("LDAP_START_TLS", "0"));

        Assert.Equal("ldaps://ldap.domain.com:636 ldaps://[::1]:1636", string.Join(' ', options.Connection.Servers));
        Assert.Contains("Tls12, Tls13", Assert.Single(options.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Group_names_keep_their_escaped_separators()
    {
        var options = Read(("LDAP_URL", "ldap://localhost"), ("LDAP_MODERATOR_GROUPS", @"cn=a\;b,dc=x; cn=c,dc=x;"), ("LDAP_FEATURE_GROUPS", "recording=cn=r,dc=x;outbound-call=cn=o,dc=x"));

        Assert.Equal([@"cn=a\;b,dc=x", "cn=c,dc=x"], options.Login.ModeratorGroups);
        Assert.Equal([("recording", "cn=r,dc=x"), ("outbound-call", "cn=o,dc=x")], options.Login.FeatureGroups);
        Assert.Empty(options.Notes);
    }

    [Fact]
    public void Passwords_in_clear_and_version_2_are_said_at_the_start()
    {
        var notes = Read(("LDAP_URL", "ldap://ldap.example"), ("LDAP_VERSION", "2")).Notes;

        Assert.Contains(notes, note => note.StartsWith("LDAP_URL: passwords go to ldap://ldap.example:389 in clear", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.StartsWith("LDAP_VERSION: 2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SECURE256", "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384")]
    [InlineData("NONE:+VERS-TLS1.2:-AES-128-CBC:!kRSA", "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384")]
    [InlineData("ECDHE-RSA-AES128-GCM-SHA256 @STRENGTH", "ECDHE-RSA-AES128-GCM-SHA256")]
    [InlineData("HIGH:!aNULL:!MD5:-TLSv1.3", "ECDHE-ECDSA-AES256-GCM-SHA384")]
    public void Cipher_words_of_both_libraries_are_mapped(string text, string begins)
    {
        Assert.True(CipherList.TryParse(text, out var list, out var problem), problem);

        Assert.StartsWith(begins, list.Names, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "ldap", "LDAP_URL: logins do not use the directory, since ENABLE_AUTH is off: all clients are admitted")]
    [InlineData("1", "internal", "LDAP_URL: logins do not use the directory, since AUTH_TYPE is neither ldap nor hybrid")]
    [InlineData("1", "ldap", null)]
    public void A_directory_that_no_login_asks_is_said_at_the_start(string enabled, string type, string? expected)
    {
        var settings = new Dictionary<string, string?> { ["ENABLE_AUTH"] = enabled, ["AUTH_TYPE"] = type, ["LDAP_URL"] = "ldap://localhost" };

        Assert.Equal(expected, LdapModule.UnusedNote(MeshSettings.From(settings)));
    }

    private static LdapOptions Read(params (string Name, string Value)[] values)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var (name, value) in values) settings[name] = value;
        return LdapOptions.Read(MeshSettings.From(settings));
    }
}

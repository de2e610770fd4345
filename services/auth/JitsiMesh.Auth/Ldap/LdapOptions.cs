using System.Net;
using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Logins;
using JitsiMesh.Auth.Ldap.Protocol;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Ldap;

/// <summary>The LDAP settings, validated as a whole: contradictions are refused before the service starts.</summary>
/// <param name="Connection">For the pool.</param>
/// <param name="Login">For logins.</param>
/// <param name="Notes">Log lines for the operator.</param>
internal sealed record LdapOptions(LdapConnectionSettings Connection, LdapLoginSettings Login, IReadOnlyList<string> Notes)
{
    /// <exception cref="SettingsException">One line for each setting that is missing, wrong or contradicted by another.</exception>
    public static LdapOptions Read(MeshSettings settings)
    {
        var problems = new List<string>();
        var notes = new List<string>();
        var startTls = settings.Get(KnownSettings.LdapStartTls);
        var servers = ReadServers(settings, startTls, problems);
        var version = settings.Get(KnownSettings.LdapVersion);
        if (version == 2)
        {
            if (startTls) problems.Add("LDAP_VERSION: 2 is not possible with LDAP_START_TLS=1, which needs version 3");
            else notes.Add("LDAP_VERSION: 2 was retired in 2003; use 3 if the server supports it");
        }

        if (settings.Get(KnownSettings.LdapUseTls) && servers.Any(server => !server.Encrypted))
        {
            problems.Add("LDAP_USE_TLS: 1 is not possible with an ldap:// address in LDAP_URL and LDAP_START_TLS=0, which would send passwords in clear text");
        }

        foreach (var server in servers.Where(server => !server.Encrypted && !IsThisMachine(server.Host)))
        {
            notes.Add($"LDAP_URL: passwords go to {server} in clear text; use ldaps:// or LDAP_START_TLS=1");
        }

        var tls = ReadTls(settings, servers.Any(server => server.Encrypted), problems, notes);
        var bindName = settings.Get(KnownSettings.LdapBindDn);
        var bindPassword = settings.Get(KnownSettings.LdapBindPassword);
        if (bindName.Length > 0 && bindPassword.Length == 0) problems.Add("LDAP_BINDPW: must be set with LDAP_BINDDN: a bind with a name and no password is anonymous");
        if (bindName.Length == 0 && bindPassword.Length > 0) problems.Add("LDAP_BINDDN: must be set with LDAP_BINDPW; leave both out for an anonymous search");
        var login = ReadLogin(settings, version, problems);
        if (problems.Count > 0) throw new SettingsException(problems);
        return new LdapOptions(new LdapConnectionSettings(servers, version, bindName, bindPassword, tls), login, notes);
    }

    public override string ToString() => "LDAP options";

    private static List<LdapServer> ReadServers(MeshSettings settings, bool startTls, List<string> problems)
    {
        var servers = new List<LdapServer>();
        var urls = settings.Get(KnownSettings.LdapUrl).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0) problems.Add("LDAP_URL: must be set with AUTH_TYPE=ldap (ldaps://ldap.example.com; several separated by blanks are tried in order)");
        if (urls.Length > LdapLimits.Servers) problems.Add(FormattableString.Invariant($"LDAP_URL: more than {LdapLimits.Servers} servers"));
        foreach (var url in urls)
        {
            if (!LdapServer.TryParse(url, startTls, out var server)) problems.Add($"LDAP_URL: '{url}' is not ldap://host or ldaps://host, optionally with a port");
            else if (startTls && server.Tls) problems.Add($"LDAP_START_TLS: 1 is not possible with '{url}' in LDAP_URL, which is TLS from the start; use ldap:// or LDAP_START_TLS=0");
            else servers.Add(server);
        }

        return servers;
    }

    private static LdapTls ReadTls(MeshSettings settings, bool encrypted, List<string> problems, List<string> notes)
    {
        var file = settings.Get(KnownSettings.LdapTlsCaCertFile);
        var folder = settings.Get(KnownSettings.LdapTlsCaCertDirectory);
        var check = settings.Get(KnownSettings.LdapTlsCheckPeer);
        var authorities = new TrustedAuthorities(file, folder);
        if (encrypted && check)
        {
            if (settings.IsSet(KnownSettings.LdapTlsCaCertFile) && !File.Exists(file)) problems.Add($"LDAP_TLS_CACERT_FILE: file '{file}' not found, and LDAP_TLS_CHECK_PEER is on");
            else if (settings.IsSet(KnownSettings.LdapTlsCaCertDirectory) && !Directory.Exists(folder)) problems.Add($"LDAP_TLS_CACERT_DIR: folder '{folder}' not found, and LDAP_TLS_CHECK_PEER is on");
            else if (authorities.Read().Count == 0) problems.Add($"LDAP_TLS_CACERT_FILE: no certificate in '{file}' nor in LDAP_TLS_CACERT_DIR '{folder}', and LDAP_TLS_CHECK_PEER is on");
        }

        CipherList? ciphers = null;
        if (settings.Get(KnownSettings.LdapTlsCiphers) is { Length: > 0 } text)
        {
            if (!CipherList.TryParse(text, out ciphers, out var problem)) problems.Add($"LDAP_TLS_CIPHERS: {problem}");
            else if (encrypted) notes.Add($"LDAP_TLS_CIPHERS: {ciphers.Protocols} with {ciphers.Names}");
        }

        return new LdapTls(check, authorities, ciphers);
    }

    private static LdapLoginSettings ReadLogin(MeshSettings settings, int version, List<string> problems)
    {
        var method = settings.Get(KnownSettings.LdapAuthMethod);
        var template = settings.Get(KnownSettings.LdapFilter);
        var realm = settings.IsSet(KnownSettings.LdapRealm) ? settings.Get(KnownSettings.LdapRealm) : settings.XmppDomain;
        if (LoginTemplate.UnknownPlaceholder(template) is { } unknown) problems.Add($"LDAP_FILTER: unknown placeholder {unknown} (%u %U %d %1 to %9 %s %r %D %%)");
        else if (!template.Contains("%u", StringComparison.OrdinalIgnoreCase)) problems.Add("LDAP_FILTER: has neither %u nor %U, so that every name would be the same user");
        else if (method != LdapAuthMethod.Fastbind && !(LoginName.TryCreate("name", realm, out var sample) && LdapFilter.TryParse(LoginTemplate.Expand(template, sample, LdapText.EscapeForFilter), out _)))
        {
            problems.Add($"LDAP_FILTER: '{template}' is not a filter (RFC 4515), for instance (sAMAccountName=%u)");
        }
        else if (method == LdapAuthMethod.Fastbind && template.StartsWith('('))
        {
            problems.Add("LDAP_FILTER: is a filter, and LDAP_AUTH_METHOD=fastbind takes the name of an entry (uid=%u,ou=people,dc=example,dc=com)");
        }

        var moderators = settings.IsSet(KnownSettings.LdapModeratorGroups) ? SplitNames(settings.Get(KnownSettings.LdapModeratorGroups)) : null;
        var features = new List<(string, string)>();
        foreach (var item in SplitNames(settings.Get(KnownSettings.LdapFeatureGroups)))
        {
            var equals = item.IndexOf('=', StringComparison.Ordinal);
            var feature = equals < 0 ? "" : item[..equals].Trim();
            var group = equals < 0 ? "" : item[(equals + 1)..].Trim();
            if (feature.Length == 0 || !feature.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || !group.Contains('=', StringComparison.Ordinal)) problems.Add($"LDAP_FEATURE_GROUPS: '{item}' is not feature=name of a group");
            else features.Add((feature, group));
        }

        foreach (var group in (moderators ?? []).Where(group => !group.Contains('=', StringComparison.Ordinal))) problems.Add($"LDAP_MODERATOR_GROUPS: '{group}' is not the name of a group (CN=Hosts,OU=Groups,DC=example,DC=com)");
        if ((moderators?.Count ?? 0) + features.Count > LdapLimits.NamedGroups) problems.Add(FormattableString.Invariant($"LDAP_MODERATOR_GROUPS, LDAP_FEATURE_GROUPS: more than {LdapLimits.NamedGroups} groups"));
        return new LdapLoginSettings(method, settings.Get(KnownSettings.LdapBase), template, version, realm, moderators, features);
    }

    // A semicolon inside a name is escaped with a backslash (RFC 4514 section 2.4).
    private static List<string> SplitNames(string text)
    {
        var names = new List<string>();
        var begin = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && (text[i] != ';' || (i > 0 && text[i - 1] == '\\'))) continue;
            if (text[begin..i].Trim() is { Length: > 0 } name) names.Add(name);
            begin = i + 1;
        }

        return names;
    }

    private static bool IsThisMachine(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}

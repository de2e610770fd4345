using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using JitsiMesh.Auth.Ldap;
using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Protocol;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>The file of MESH_DIRECTORY_CONFIG: a JSON object with <c>directories</c>. The defaults of a directory are those of Jitsi's contact source.</summary>
internal static class DirectoryConfiguration
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    private static readonly LdapFilter EveryPerson = LdapFilter.Any([LdapFilter.Equal("objectClass", "person"), LdapFilter.Equal("objectClass", "inetOrgPerson")]);

    /// <summary>The directories of the file; without one, the directory of logins (LDAP_URL).</summary>
    /// <exception cref="SettingsException">One line for each error.</exception>
    public static IReadOnlyList<DirectorySource> Read(MeshSettings settings)
    {
        var path = settings.Get(KnownSettings.DirectoryConfig);
        if (path.Length == 0) return [OfLogins(settings, new Described { Name = "LDAP_URL" }, [])];
        var problems = new List<string>();
        var sources = new List<DirectorySource>();
        foreach (var described in ReadFile(path))
        {
            if (described.Url is null) sources.Add(OfLogins(settings, described, problems));
            else if (TryRead(described, problems, out var source)) sources.Add(source);
        }

        if (sources.Count == 0 && problems.Count == 0) problems.Add($"no directories in '{path}'");
        if (sources.Count > DirectoryLimits.Sources) problems.Add(FormattableString.Invariant($"more than {DirectoryLimits.Sources} directories"));
        if (problems.Count > 0) throw new SettingsException([.. problems.Select(problem => $"{KnownSettings.DirectoryConfig.Name}: {problem}")]);
        return sources;
    }

    private static List<Described> ReadFile(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= DirectoryLimits.ConfigurationOctets }) throw new SettingsException([$"{KnownSettings.DirectoryConfig.Name}: file '{path}' not found, or too large"]);
            return JsonSerializer.Deserialize<DescribedFile>(File.ReadAllText(path), Json)?.Directories ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            var where = e is JsonException { LineNumber: { } line } ? FormattableString.Invariant($" (line {line + 1})") : "";
            throw new SettingsException([$"{KnownSettings.DirectoryConfig.Name}: '{path}' cannot be read as JSON of directories{where}: {e.Message.Split('\n')[0]}"]);
        }
    }

    private static DirectorySource OfLogins(MeshSettings settings, Described described, List<string> problems)
    {
        var logins = LdapOptions.Read(settings);
        return Complete(described, described.Name ?? "LDAP_URL", logins.Connection, described.Base ?? logins.Login.Base, problems);
    }

    private static bool TryRead(Described described, List<string> problems, [NotNullWhen(true)] out DirectorySource? source)
    {
        source = null;
        var before = problems.Count;
        var name = described.Name ?? described.Url!;
        var servers = new List<LdapServer>();
        foreach (var url in described.Url!.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!LdapServer.TryParse(url, described.StartTls, out var server)) problems.Add($"{name}: url '{url}' is not ldap://host or ldaps://host");
            else if (server.Tls && described.StartTls) problems.Add($"{name}: startTls is not possible with '{url}'");
            else servers.Add(server);
        }

        if (servers.Count == 0 && problems.Count == before) problems.Add($"{name}: url is empty");
        var password = "";
        if (described.BindDn is { Length: > 0 })
        {
            if (described.BindPasswordFile is not { Length: > 0 } file || !File.Exists(file)) problems.Add($"{name}: bindPasswordFile must name a file that holds the password of bindDn");
            else password = File.ReadAllText(file).TrimEnd('\r', '\n');
            if (password.Length == 0 && problems.Count == before) problems.Add($"{name}: the file of bindPasswordFile is empty");
        }

        var authorities = new TrustedAuthorities(described.CaFile ?? KnownSettings.LdapTlsCaCertFile.Default, described.CaDirectory ?? KnownSettings.LdapTlsCaCertDirectory.Default);
        if (described.CheckPeer && servers.Any(s => s.Encrypted) && authorities.Read().Count == 0) problems.Add($"{name}: no certificate in caFile nor caDirectory, and checkPeer is on");
        if (problems.Count > before) return false;
        source = Complete(described, name, new LdapConnectionSettings(servers, 3, described.BindDn ?? "", password, new LdapTls(described.CheckPeer, authorities, null)), described.Base ?? "", problems);
        return problems.Count == before;
    }

    private static DirectorySource Complete(Described described, string name, LdapConnectionSettings connection, string searchBase, List<string> problems)
    {
        var restriction = EveryPerson;
        if (described.Filter is { Length: > 0 } text)
        {
            if (LdapFilter.TryParse(text, out var parsed)) restriction = parsed;
            else problems.Add($"{name}: filter '{text}' is not a filter (RFC 4515)");
        }

        if (described.Scope is not (null or "subtree" or "one")) problems.Add($"{name}: scope is subtree or one");
        var fields = FieldsOf(described.Fields ?? new DescribedFields(), name, problems);
        var phones = new PhoneRules(described.PhonePrefix ?? "", described.CountryCode ?? "", described.InternationalPrefix ?? PhoneRules.Default.InternationalPrefix, described.TrunkPrefix ?? PhoneRules.Default.TrunkPrefix);
        foreach (var prefix in new[] { phones.Prefix, phones.CountryCode, phones.InternationalPrefix, phones.TrunkPrefix })
        {
            if (!prefix.TrimStart('+').All(char.IsAsciiDigit)) problems.Add($"{name}: '{prefix}' is no prefix of telephone numbers (digits, with a plus before them)");
        }

        return new DirectorySource(name, connection, searchBase, described.Scope == "one" ? LdapScope.OneLevel : LdapScope.Subtree, restriction, fields, phones, described.MailSuffix ?? "");
    }

    private static DirectoryFields FieldsOf(DescribedFields described, string name, List<string> problems)
    {
        IReadOnlyList<string> Choose(string field, List<string>? given, IReadOnlyList<string> usual)
        {
            if (given is null) return usual;
            if (given.Count > DirectoryLimits.AttributesPerField) problems.Add(FormattableString.Invariant($"{name}: fields.{field} has more than {DirectoryLimits.AttributesPerField} attributes"));
            foreach (var attribute in given.Where(a => a.Length == 0 || !a.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or ';' or '.'))) problems.Add($"{name}: fields.{field}: '{attribute}' is no attribute");
            return given;
        }

        var usual = DirectoryFields.Default;
        return new DirectoryFields(
            Choose("name", described.Name, usual.Name), Choose("search", described.Search, usual.Search), Choose("givenName", described.GivenName, usual.GivenName), Choose("familyName", described.FamilyName, usual.FamilyName),
            Choose("mail", described.Mail, usual.Mail), Choose("workPhone", described.WorkPhone, usual.WorkPhone), Choose("mobilePhone", described.MobilePhone, usual.MobilePhone), Choose("homePhone", described.HomePhone, usual.HomePhone),
            Choose("organisation", described.Organisation, usual.Organisation), Choose("department", described.Department, usual.Department), Choose("picture", described.Picture, usual.Picture));
    }

    private sealed class DescribedFile
    {
        public List<Described> Directories { get; init; } = [];
    }

    private sealed class Described
    {
        public string? Name { get; init; }

        public string? Url { get; init; }

        public string? Base { get; init; }

        public string? BindDn { get; init; }

        public string? BindPasswordFile { get; init; }

        public bool StartTls { get; init; }

        public bool CheckPeer { get; init; } = true;

        public string? CaFile { get; init; }

        public string? CaDirectory { get; init; }

        public string? Scope { get; init; }

        public string? Filter { get; init; }

        public string? PhonePrefix { get; init; }

        public string? CountryCode { get; init; }

        public string? InternationalPrefix { get; init; }

        public string? TrunkPrefix { get; init; }

        public string? MailSuffix { get; init; }

        public DescribedFields? Fields { get; init; }
    }

    private sealed class DescribedFields
    {
        public List<string>? Name { get; init; }

        public List<string>? Search { get; init; }

        public List<string>? GivenName { get; init; }

        public List<string>? FamilyName { get; init; }

        public List<string>? Mail { get; init; }

        public List<string>? WorkPhone { get; init; }

        public List<string>? MobilePhone { get; init; }

        public List<string>? HomePhone { get; init; }

        public List<string>? Organisation { get; init; }

        public List<string>? Department { get; init; }

        public List<string>? Picture { get; init; }
    }
}

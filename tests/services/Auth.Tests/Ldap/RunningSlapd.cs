using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>
/// An OpenLDAP of the test's own on loopback, with TLS of a CA of its own and entries as Active Directory has them (sAMAccountName, userPrincipalName, memberOf). It can be ended and
/// started again with its data.
/// </summary>
public sealed class RunningSlapd : IAsyncLifetime, IDisposable
{
    public const string Suffix = "dc=corp,dc=example";
    public const string ServiceName = "cn=jitsi,ou=services,dc=corp,dc=example";
    public const string ServicePassword = "se$rv#ice \"pass' w";
    private const string Slapd = "/usr/sbin/slapd";

    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-slapd-").FullName;
    private readonly TestAuthority _authority = new("Test Directory CA");
    private Process? _process;

    public static string? Missing => File.Exists(Slapd) ? null : "SKIPPED (missing slapd)";

    public int Port { get; } = FreePort();

    public int TlsPort { get; } = FreePort();

    public string Plain => $"ldap://127.0.0.1:{N(Port)}";

    public string Tls => $"ldaps://127.0.0.1:{N(TlsPort)}";

    /// <summary>The file with the certificate of its authority.</summary>
    public string Authority => Path.Combine(_folder, "ca.pem");

    /// <summary>An empty folder, for LDAP_TLS_CACERT_DIR.</summary>
    public string EmptyFolder => Path.Combine(_folder, "none");

    /// <summary>How many further people there are (person00000 …), for searches.</summary>
    public const int People = 10_000;

    public async Task InitializeAsync()
    {
        if (Missing is not null) return;
        Directory.CreateDirectory(EmptyFolder);
        Directory.CreateDirectory(Path.Combine(_folder, "db"));
        await File.WriteAllTextAsync(Authority, _authority.Pem);
        var now = TimeProvider.System.GetUtcNow();
        await UseCertificateAsync(now.AddDays(-1), now.AddDays(30));
        await File.WriteAllTextAsync(Path.Combine(_folder, "slapd.conf"), Configuration());
        await File.WriteAllTextAsync(Path.Combine(_folder, "data.ldif"), TestEntries.Ldif(People));
        using var add = Run("/usr/sbin/slapadd", ["-q", "-f", Path.Combine(_folder, "slapd.conf"), "-l", Path.Combine(_folder, "data.ldif")]);
        var errors = await add.StandardError.ReadToEndAsync();
        await add.WaitForExitAsync();
        Assert.True(add.ExitCode == 0, errors);
        await StartAsync();
    }

    public async Task StartAsync()
    {
        _process = Run(Slapd, ["-f", Path.Combine(_folder, "slapd.conf"), "-h", $"{Plain} {Tls}", "-d", "0"]);
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        for (var tries = 0; tries < 300; tries++)
        {
            if (await AnswersAsync(TlsPort) && await AnswersAsync(Port)) return;
            await Task.Delay(100);
        }

        Assert.Fail("slapd does not listen.");
    }

    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Counts from the next start on.</summary>
    internal async Task UseCertificateAsync(DateTimeOffset from, DateTimeOffset to, string dnsName = "localhost", bool withAddress = true)
    {
        var (certificate, key) = _authority.Issue(from, to, dnsName, withAddress);
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.pem"), certificate);
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.key"), key);
    }

    public async Task DisposeAsync() => await KillAsync();

    public void Dispose()
    {
        _process?.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Process Run(string program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;

    private static string N(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string Configuration() => $$"""
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/nis.schema
        include /etc/ldap/schema/inetorgperson.schema
        attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
        attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
        objectclass ( 1.2.840.113556.1.5.9.1 NAME 'adUser' SUP top AUXILIARY MAY ( sAMAccountName $ userPrincipalName ) )
        modulepath /usr/lib/ldap
        moduleload back_mdb
        moduleload memberof
        moduleload ppolicy
        pidfile {{_folder}}/slapd.pid
        allow bind_v2
        sizelimit 500
        defaultsearchbase "{{Suffix}}"
        TLSCACertificateFile {{Authority}}
        TLSCertificateFile {{_folder}}/server.pem
        TLSCertificateKeyFile {{_folder}}/server.key
        database mdb
        suffix "{{Suffix}}"
        rootdn "cn=admin,{{Suffix}}"
        directory {{_folder}}/db
        maxsize 268435456
        dbnosync
        index objectClass,sAMAccountName eq
        index cn,sn,givenName,displayName,uid,mail sub,eq
        access to attrs=userPassword by dn.exact="{{ServiceName}}" read by anonymous auth by self read by * none
        access to dn.subtree="ou=secret,{{Suffix}}" by dn.exact="{{ServiceName}}" read by anonymous auth by * none
        access to * by * read
        overlay memberof
        overlay ppolicy
        ppolicy_default "cn=policy,{{Suffix}}"
        """;
}

/// <summary>The entries of the test directory.</summary>
internal static class TestEntries
{
    public const string Password = "Sesam öffne dich";

    public static string Ldif(int people)
    {
        var ldif = new StringBuilder();
        Add(ldif, RunningSlapd.Suffix, "objectClass: dcObject", "objectClass: organization", "o: Corp", "dc: corp");
        foreach (var unit in new[] { "people", "services", "groups", "secret", "other" }) Add(ldif, $"ou={unit},{RunningSlapd.Suffix}", "objectClass: organizationalUnit", $"ou: {unit}");
        Add(ldif, RunningSlapd.ServiceName, "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: jitsi", $"userPassword:: {Base64(RunningSlapd.ServicePassword)}");
        Add(ldif, "cn=policy," + RunningSlapd.Suffix, "objectClass: organizationalRole", "objectClass: pwdPolicy", "cn: policy", "pwdAttribute: userPassword", "pwdLockout: TRUE", "pwdMaxFailure: 0");
        Person(ldif, "anna", "people", "Anna Ångström", Password, "memberOf: cn=hosts,ou=groups," + RunningSlapd.Suffix);
        Person(ldif, "berta", "people", "Berta Braun", "berta's", "memberOf: cn=team,ou=groups," + RunningSlapd.Suffix);
        Person(ldif, "carl", "people", "Carl Clear", "carls password");
        Person(ldif, "locked", "people", "Lock Ed", "locked password", "pwdAccountLockedTime: 000001010000Z");
        Person(ldif, "hidden", "secret", "Hid Den", "hidden password");
        Person(ldif, "twin", "people", "Twin One", "twin password");
        Person(ldif, "twin", "other", "Twin Two", "twin password");
        Person(ldif, "outside", "other", "Out Side", "outside password");
        foreach (var (name, value) in Stored) Person(ldif, name, "people", name, value);
        Group(ldif, "hosts", "uid=anna,ou=people," + RunningSlapd.Suffix);
        Group(ldif, "team", "uid=berta,ou=people," + RunningSlapd.Suffix, "memberOf: cn=recorders,ou=groups," + RunningSlapd.Suffix);
        Group(ldif, "recorders", "cn=team,ou=groups," + RunningSlapd.Suffix);
        for (var i = 0; i < people; i++) Contact(ldif, i);
        return ldif.ToString();
    }

    /// <summary>userPassword in each form, all of them for the password "geheim"; made by slappasswd and openssl passwd.</summary>
    public static readonly (string Name, string Value)[] Stored =
    [
        ("md5", "{MD5}" + Hash(System.Security.Cryptography.MD5.HashData, "geheim", "")),
        ("smd5", "{SMD5}" + Hash(System.Security.Cryptography.MD5.HashData, "geheim", "salt")),
        ("sha", "{SHA}" + Hash(System.Security.Cryptography.SHA1.HashData, "geheim", "")),
        ("ssha", "{SSHA}" + Hash(System.Security.Cryptography.SHA1.HashData, "geheim", "saltsalt")),
        ("crypt1", "{CRYPT}$1$abcdefgh$eKehL.s8tG6zTf8hBtmEF."),
        ("crypt6", "{CRYPT}$6$abcdefgh$msgktWxVAbjjh3X7lA5LaM7dS/ZfABJL6T4qcRsnjcOTj0kptUvZcrvrXIoO5fgPA9xz6UnF2To2Y7jGc/IZY/"),
        ("clear", "geheim"),
    ];

    private static void Person(StringBuilder ldif, string uid, string unit, string name, string password, params string[] more) => Add(ldif, $"uid={uid},ou={unit},{RunningSlapd.Suffix}",
        ["objectClass: inetOrgPerson", "objectClass: adUser", $"uid: {uid}", $"cn:: {Base64(name)}", $"sn:: {Base64(name.Split(' ')[^1])}", $"givenName:: {Base64(name.Split(' ')[0])}", $"displayName:: {Base64(name)}",
            $"mail: {uid}@corp.example", $"sAMAccountName: {uid}", $"userPrincipalName: {uid}@corp.example", $"userPassword:: {Base64(password)}", .. more]);

    private static void Group(StringBuilder ldif, string name, string member, params string[] more) =>
        Add(ldif, $"cn={name},ou=groups,{RunningSlapd.Suffix}", ["objectClass: groupOfNames", $"cn: {name}", $"member: {member}", .. more]);

    private static void Contact(StringBuilder ldif, int i)
    {
        var given = Given[i % Given.Length];
        var family = string.Create(CultureInfo.InvariantCulture, $"{Family[i / Given.Length % Family.Length]}{i / 400}");
        Add(ldif, string.Create(CultureInfo.InvariantCulture, $"uid=person{i:d5},ou=people,{RunningSlapd.Suffix}"), "objectClass: inetOrgPerson", string.Create(CultureInfo.InvariantCulture, $"uid: person{i:d5}"),
            $"cn: {given} {family}", $"sn: {family}", $"givenName: {given}", $"displayName: {given} {family}", string.Create(CultureInfo.InvariantCulture, $"mail: person{i:d5}@corp.example"),
            string.Create(CultureInfo.InvariantCulture, $"telephoneNumber: 030 55{i:d5}"), string.Create(CultureInfo.InvariantCulture, $"mobile: +49 170 {i:d7}"), "o: Corp", "ou: Sales");
    }

    private static readonly string[] Given = ["John", "Mary", "Ahmed", "Ines", "Oleg", "Yuki", "Paul", "Rosa", "Tim", "Vera", "Zoe", "Karl", "Lena", "Noah", "Mia", "Elif", "Hugo", "Ida", "Jan", "Greta"];

    private static readonly string[] Family = ["Doe", "Smith", "Meyer", "Rossi", "Petrov", "Sato", "Nowak", "Lopez", "Kaya", "Larsen", "Dubois", "Khan", "Novak", "Silva", "Brown", "Weber", "Moreau", "Costa", "Lind", "Fischer"];

    private static void Add(StringBuilder ldif, string name, params string[] lines)
    {
        ldif.Append("dn: ").AppendLine(name);
        foreach (var line in lines) ldif.AppendLine(line);
        ldif.AppendLine();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Hash(Func<byte[], byte[]> hash, string password, string salt) =>
        Convert.ToBase64String([.. hash(Encoding.UTF8.GetBytes(password + salt)), .. Encoding.UTF8.GetBytes(salt)]);
}

/// <summary>A test that needs slapd, skipped aloud without.</summary>
public sealed class SlapdFactAttribute : FactAttribute
{
    public SlapdFactAttribute() => Skip = RunningSlapd.Missing;
}

/// <inheritdoc cref="SlapdFactAttribute"/>
public sealed class SlapdTheoryAttribute : TheoryAttribute
{
    public SlapdTheoryAttribute() => Skip = RunningSlapd.Missing;
}

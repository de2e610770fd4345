using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Kit.Directories;

/// <summary>
/// An OpenLDAP server for one test on loopback, with TLS from its own CA and entries like those of Active Directory (sAMAccountName, userPrincipalName, memberOf). It can be
/// stopped and restarted with its data.
/// </summary>
public class RunningSlapd(int people = RunningSlapd.People) : IAsyncDisposable
{
    public const string Suffix = "dc=corp,dc=example";
    public const string ServiceName = "cn=jitsi,ou=services,dc=corp,dc=example";
    public const string ServicePassword = "se$rv#ice \"pass' w";
    private const string Slapd = "/usr/sbin/slapd";

    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-slapd-").FullName;
    private readonly TestAuthority _authority = new("Test Directory CA");
    private Process? _process;

    public static string? Missing => File.Exists(Slapd) ? null : "SKIPPED (missing slapd)";

    public int Port { get; } = FreePorts.Next();

    public int TlsPort { get; } = FreePorts.Next();

    public string Plain => $"ldap://127.0.0.1:{N(Port)}";

    public string Tls => $"ldaps://127.0.0.1:{N(TlsPort)}";

    /// <summary>The file with the certificate of its authority.</summary>
    public string Authority => Path.Combine(_folder, "ca.pem");

    /// <summary>An empty folder, for LDAP_TLS_CACERT_DIR.</summary>
    public string EmptyFolder => Path.Combine(_folder, "none");

    /// <summary>The default number of additional people (person00000 …), for searches.</summary>
    public const int People = 10_000;

    /// <exception cref="InvalidOperationException">It does not take its entries, or does not listen.</exception>
    public async Task InitializeAsync()
    {
        if (Missing is not null) return;
        Directory.CreateDirectory(EmptyFolder);
        Directory.CreateDirectory(Path.Combine(_folder, "db"));
        await File.WriteAllTextAsync(Authority, _authority.Pem);
        var now = TimeProvider.System.GetUtcNow();
        await UseCertificateAsync(now.AddDays(-1), now.AddDays(30));
        await File.WriteAllTextAsync(Path.Combine(_folder, "slapd.conf"), Configuration());
        await File.WriteAllTextAsync(Path.Combine(_folder, "data.ldif"), TestEntries.Ldif(people));
        using var add = Run("/usr/sbin/slapadd", ["-q", "-f", Path.Combine(_folder, "slapd.conf"), "-l", Path.Combine(_folder, "data.ldif")]);
        var errors = await add.StandardError.ReadToEndAsync();
        await add.WaitForExitAsync();
        if (add.ExitCode != 0) throw new InvalidOperationException(errors);
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

        throw new InvalidOperationException("slapd does not listen.");
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
    public async Task UseCertificateAsync(DateTimeOffset from, DateTimeOffset to, string dnsName = "localhost", bool withAddress = true)
    {
        var (certificate, key) = _authority.Issue(from, to, dnsName, withAddress);
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.pem"), certificate);
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.key"), key);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
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
        index_substr_if_minlen 1
        index_substr_any_len 2
        index_substr_any_step 1
        index cn,sn,givenName,displayName,uid,mail sub,eq
        index telephoneNumber,mobile,homePhone sub,eq
        access to attrs=userPassword by dn.exact="{{ServiceName}}" read by anonymous auth by self read by * none
        access to dn.subtree="ou=secret,{{Suffix}}" by dn.exact="{{ServiceName}}" read by anonymous auth by * none
        access to * by * read
        overlay memberof
        overlay ppolicy
        ppolicy_default "cn=policy,{{Suffix}}"
        """;
}

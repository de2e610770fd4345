using System.Diagnostics.Metrics;
using System.Text;
using Google.Protobuf;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Kit.Directories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>An auth service of one process whose logins are a directory's, asked as signalling asks it.</summary>
internal sealed class LdapHarness : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private LdapHarness(ServiceProvider services, CollectedLog log)
    {
        _services = services;
        Log = log;
    }

    public CollectedLog Log { get; }

    public IServiceProvider Services => _services;

    public static LdapHarness Of(RunningSlapd slapd, params (string Name, string Value)[] values) => With([
        ("LDAP_URL", slapd.Plain), ("LDAP_BASE", "ou=people," + RunningSlapd.Suffix), ("LDAP_BINDDN", RunningSlapd.ServiceName), ("LDAP_BINDPW", RunningSlapd.ServicePassword),
        ("LDAP_TLS_CACERT_FILE", slapd.Authority), ("LDAP_TLS_CACERT_DIR", slapd.EmptyFolder), .. values,
    ]);

    /// <summary>A later value of a name counts; an empty one unsets it.</summary>
    public static LdapHarness With(params (string Name, string Value)[] values)
    {
        var builder = MeshHost.CreateBuilder([]);
        var settings = new Dictionary<string, string?> { ["ENABLE_AUTH"] = "1", ["AUTH_TYPE"] = "ldap" };
        foreach (var (name, value) in values) settings[name] = value;
        builder.AddMeshDefaults("all-in-one", MeshSettings.From(settings));
        builder.AddAuth();
        var log = new CollectedLog();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        return new LdapHarness(builder.Services.BuildServiceProvider(), log);
    }

    public Task<AdmitResponse> LoginAsync(string name, string password, string authorizationId = "") => SendAsync(Encoding.UTF8.GetBytes($"{authorizationId}\0{name}\0{password}"));

    public async Task<AdmitResponse> SendAsync(byte[] message) => await _services.GetRequiredService<Contracts.Auth.Admission.AdmissionClient>()
        .AdmitAsync(new AdmitRequest { Host = "meet.jitsi", Mechanism = "PLAIN", Message = ByteString.CopyFrom(message) });

    /// <summary>The name of the session, or the reason of the refusal.</summary>
    public async Task<string> OutcomeAsync(string name, string password)
    {
        var answer = await LoginAsync(name, password);
        return answer.OutcomeCase == AdmitResponse.OutcomeOneofCase.Admitted ? answer.Admitted.Username : $"{answer.Refused.Condition} {answer.Refused.Reason}";
    }

    public static SessionContext Context(AdmitResponse answer) => System.Text.Json.JsonSerializer.Deserialize<SessionContext>(answer.Admitted.Context)!;

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();
}

/// <summary>All that is logged, for looking at.</summary>
internal sealed class CollectedLog : ILoggerProvider, ILogger
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public string Text
    {
        get
        {
            lock (_gate) return string.Join('\n', _lines);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate) _lines.Add($"{logLevel}: {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}

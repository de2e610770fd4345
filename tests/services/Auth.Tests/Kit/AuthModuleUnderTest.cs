using Google.Protobuf;
using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Xmpp.Sasl;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tests.Kit;

/// <summary>The auth module in a container of its own, asked as signalling asks it in one process.</summary>
internal sealed class AuthModuleUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-auth-").FullName;

    private AuthModuleUnderTest(IEnumerable<(string Name, string Value)> settings, TimeProvider? time)
    {
        Settings = MeshSettings.From([new("CONFIG", _folder), .. settings.Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))]);
        var builder = MeshHost.CreateBuilder([]);
        if (time is not null) builder.Services.AddSingleton(time);
        builder.AddMeshDefaults("all-in-one", Settings);
        builder.AddAuth();
        builder.Services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(new LoggerFactory([Log])));
        _services = builder.Services.BuildServiceProvider();
    }

    public MeshSettings Settings { get; }

    public RecordedLog Log { get; } = new();

    public AccountStore Accounts => _services.GetRequiredService<AccountStore>();

    public AccountsDatabase Database => _services.GetRequiredService<AccountsDatabase>();

    public string Folder => _folder;

    private Contracts.Auth.Admission.AdmissionClient Client => _services.GetRequiredService<Contracts.Auth.Admission.AdmissionClient>();

    public static AuthModuleUnderTest Compose(params (string Name, string Value)[] settings) => new(settings, null);

    /// <summary>With logins of AUTH_TYPE=internal, and an open database.</summary>
    public static async Task<AuthModuleUnderTest> InternalAsync(string database = "", TimeProvider? time = null)
    {
        var auth = new AuthModuleUnderTest([("ENABLE_AUTH", "1"), ("AUTH_TYPE", "internal"), ("MESH_ACCOUNTS_DATABASE", database)], time);
        await auth.Database.OpenAsync(CancellationToken.None);
        return auth;
    }

    public async Task<string> MechanismsAsync(string host) => string.Join(',', (await Client.DescribeHostAsync(new DescribeHostRequest { Host = host })).Mechanisms);

    public async Task<AdmitResponse> StepAsync(string mechanism, byte[] message, byte[]? state = null, string host = "meet.jitsi", string address = "a") => await Client.AdmitAsync(new AdmitRequest
    {
        Host = host,
        Mechanism = mechanism,
        Message = ByteString.CopyFrom(message),
        State = ByteString.CopyFrom(state ?? []),
        AddressTag = address,
    });

    public async Task<AdmitResponse> TokenAsync(string token) => await Client.AdmitAsync(new AdmitRequest { Host = "meet.jitsi", Mechanism = "ANONYMOUS", Token = token, Room = "standup" });

    public Task<AdmitResponse> PlainAsync(string username, string password, string host = "meet.jitsi", string address = "a", string authorization = "") =>
        StepAsync("PLAIN", System.Text.Encoding.UTF8.GetBytes($"{authorization}\0{username}\0{password}"), null, host, address);

    /// <summary>A whole exchange; checks the server's signature where it lets in.</summary>
    public async Task<AdmitResponse> ScramAsync(string mechanism, string username, string password, string host = "meet.jitsi", string address = "a")
    {
        var client = new ScramClient(mechanism, username, password);
        var first = await StepAsync(mechanism, client.First, null, host, address);
        if (first.OutcomeCase != AdmitResponse.OutcomeOneofCase.Challenge) return first;
        var answer = await StepAsync(mechanism, client.Final(first.Challenge.Message.Span), first.Challenge.State.ToByteArray(), host, address);
        if (answer.OutcomeCase == AdmitResponse.OutcomeOneofCase.Admitted) Assert.True(client.Knows(answer.Admitted.Message.Span));
        return answer;
    }

    public Task<bool> AddAsync(string name, string password, string? displayName = null) => Accounts.AddAsync(name, displayName, Passwords.PasswordKeys.Of(Prepared(password)), CancellationToken.None);

    public Task<bool> SetPasswordAsync(string name, string password) => Accounts.SetKeysAsync(name, Passwords.PasswordKeys.Of(Prepared(password)), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Prepared(string password)
    {
        Assert.True(SaslPrep.TryPrepare(password, out var prepared));
        return prepared;
    }
}

/// <summary>Keeps the log's lines.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly List<(int Event, string Line)> _lines = [];

    public IReadOnlyList<(int Event, string Line)> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add((eventId.Id, formatter(state, exception) + exception));
    }

    public void Dispose()
    {
    }
}

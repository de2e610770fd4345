using System.Text.Json;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>The composed service with logins by tokens, at a clock of the test's own, asked as signalling asks it in one process.</summary>
internal sealed class TokenService : IAsyncDisposable
{
    // Of a join that is traced, since only then a login has a span.
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private readonly ServiceProvider _services;
    private readonly Contracts.Auth.Admission.AdmissionClient _client;

    public TokenService(params (string Name, string Value)[] values) : this(null, values)
    {
    }

    /// <param name="log">Gets everything that is logged; nothing is where it is null.</param>
    /// <param name="values">Settings beside those that switch tokens on.</param>
    public TokenService(ILoggerProvider? log, (string Name, string Value)[] values)
    {
        var builder = MeshHost.CreateBuilder([]);
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.AddMeshDefaults("all-in-one", MeshSettings.From(new (string Name, string Value)[] { ("ENABLE_AUTH", "1"), ("AUTH_TYPE", "jwt") }.Concat(values).Select(v => KeyValuePair.Create(v.Name, (string?)v.Value))));
        builder.Logging.ClearProviders().SetMinimumLevel(log is null ? LogLevel.Critical : LogLevel.Trace);
        if (log is not null) builder.Logging.AddProvider(log);
        builder.AddAuth();
        _services = builder.Services.BuildServiceProvider();
        _client = _services.GetRequiredService<Contracts.Auth.Admission.AdmissionClient>();
    }

    public FakeTimeProvider Time { get; } = new(TokenMint.Now);

    public static TokenService WithSecret(params (string Name, string Value)[] values) => new([("JWT_APP_ID", "app"), ("JWT_APP_SECRET", TokenMint.Secret), .. values]);

    public async Task<AdmitResponse> AdmitAsync(string token, string tenant = "") =>
        await _client.AdmitAsync(new AdmitRequest { Host = "meet.jitsi", Mechanism = "ANONYMOUS", Token = token, Room = "standup", Tenant = tenant }, MeshSpan.Metadata(Trace));

    public async Task<string> MechanismsAsync(string host) => string.Join(',', (await _client.DescribeHostAsync(new DescribeHostRequest { Host = host })).Mechanisms);

    /// <summary>What came of a token: <c>admitted</c>, <c>guest</c>, or condition, text and reason of the refusal.</summary>
    public async Task<string> OutcomeAsync(string token, string tenant = "") => Describe(await AdmitAsync(token, tenant));

    public async Task<SessionContext> ContextAsync(string payload)
    {
        var answer = await AdmitAsync(TokenMint.Hmac(payload));
        Assert.Equal("admitted", Describe(answer));
        return JsonSerializer.Deserialize<SessionContext>(answer.Admitted.Context)!;
    }

    public static string Describe(AdmitResponse answer) => answer.OutcomeCase switch
    {
        AdmitResponse.OutcomeOneofCase.Admitted => answer.Admitted.Context.Length == 0 ? "guest" : "admitted",
        AdmitResponse.OutcomeOneofCase.Refused => $"{answer.Refused.Condition}|{answer.Refused.Text}|{answer.Refused.Reason}",
        _ => "challenged",
    };

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

using System.Net;
using System.Text.Json;
using JitsiMesh.Auth.Oidc.Logins;
using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tests.Oidc.Kit;

/// <summary>An auth service with logins by a provider, listening on loopback, as the edge forwards to it.</summary>
internal sealed class OidcHost : IAsyncDisposable
{
    public const string PublicUrl = "https://meet.example";
    public const string ClientId = "jitsi";
    public const string ClientSecret = "the client's own secret";

    private readonly WebApplication _app;

    private OidcHost(WebApplication app, RecordedLog log)
    {
        _app = app;
        Log = log;
    }

    public RecordedLog Log { get; }

    public Uri Address => new(FormattableString.Invariant($"http://127.0.0.1:{_app.Services.GetRequiredService<ListenAddresses>().HttpPort}"));

    public IServiceProvider Services => _app.Services;

    /// <param name="issuer">The provider.</param>
    /// <param name="folder">CONFIG.</param>
    /// <param name="store">Shared with other instances, or null for one of its own.</param>
    /// <param name="time">The clock, or null for the system's.</param>
    /// <param name="values">Settings beside those of the provider.</param>
    public static Task<OidcHost> StartAsync(Uri issuer, string folder, IMeshStore? store = null, TimeProvider? time = null, params (string Name, string Value)[] values) =>
        StartBoundedAsync(issuer, folder, new OidcBudgetSizes { OfAddress = int.MaxValue, InAll = int.MaxValue }, store, time, values);

    /// <summary>The same with bounds of how often browsers may ask; null for those of the service itself.</summary>
    public static async Task<OidcHost> StartBoundedAsync(Uri issuer, string folder, OidcBudgetSizes? sizes, IMeshStore? store, TimeProvider? time, params (string Name, string Value)[] values)
    {
        var log = new RecordedLog();
        var builder = MeshHost.CreateBuilder([]);
        if (store is not null) builder.Services.AddSingleton(store);
        if (sizes is not null) builder.Services.AddSingleton(sizes);
        if (time is not null) builder.Services.AddSingleton(time);
        builder.AddMeshDefaults("auth", SettingsOf(issuer, folder, values));
        builder.AddAuth();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        var app = builder.Build();
        app.MapMeshDefaults();
        app.MapAuth();
        await app.StartAsync();
        return new OidcHost(app, log);
    }

    public static MeshSettings SettingsOf(Uri issuer, string folder, params (string Name, string Value)[] values)
    {
        var settings = new Dictionary<string, string?>
        {
            ["CONFIG"] = folder,
            ["MESH_HTTP_PORT"] = "127.0.0.1:0",
            ["MESH_GRPC_PORT"] = "127.0.0.1:0",
            ["JICOFO_AUTH_PASSWORD"] = "a secret of the tests",
            ["PUBLIC_URL"] = PublicUrl,
            ["ENABLE_AUTH"] = "1",
            ["AUTH_TYPE"] = "oidc",
            ["MESH_OIDC_ISSUER"] = issuer.AbsoluteUri,
            ["MESH_OIDC_CLIENT_ID"] = ClientId,
            ["MESH_OIDC_CLIENT_SECRET"] = ClientSecret,
        };
        foreach (var (name, value) in values) settings[name] = value;
        return MeshSettings.From(settings);
    }

    public async Task<AdmitResponse> AdmitAsync(string token, string tenant = "") =>
        await _app.Services.GetRequiredService<Contracts.Auth.Admission.AdmissionClient>().AdmitAsync(new AdmitRequest { Host = "meet.jitsi", Mechanism = "ANONYMOUS", Token = token, Room = "standup", Tenant = tenant });

    /// <summary>What a token that must be good is let in with.</summary>
    public async Task<SessionContext> ContextAsync(string token)
    {
        var answer = await AdmitAsync(token);
        Assert.Equal(AdmitResponse.OutcomeOneofCase.Admitted, answer.OutcomeCase);
        return JsonSerializer.Deserialize<SessionContext>(answer.Admitted.Context)!;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>A folder that goes away.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("jitsimesh-oidc-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>The system's clock, which can be set forward.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan By { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + By;
}

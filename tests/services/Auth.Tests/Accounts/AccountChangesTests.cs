using System.Collections.Concurrent;
using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Settings;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tests.Accounts;

/// <summary>A running auth service tells what another process does to accounts.</summary>
public sealed class AccountChangesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jitsimesh-changes-").FullName;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_removed_account_is_told_on_the_bus_and_every_change_in_the_audit_log()
    {
        var settings = MeshSettings.From([new("CONFIG", _folder), new("ENABLE_AUTH", "1"), new("MESH_HTTP_PORT", "127.0.0.1:0"), new("MESH_GRPC_PORT", "127.0.0.1:0")]);

        // What happened while no service ran is told too.
        var database = AccountsDatabase.Of(settings);
        await database.OpenAsync(CancellationToken.None);
        var command = new AccountStore(database, TimeProvider.System);
        await command.AddAsync("early", null, Passwords.PasswordKeys.Of("early password"), CancellationToken.None);
        await command.RemoveAsync("early", CancellationToken.None);

        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("auth", settings);
        var log = new Kit.RecordedLog();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        var revoked = new Revoked();
        builder.Services.AddSingleton(revoked);
        builder.Services.AddNodeConsumer<RevokedConsumer>();
        builder.AddAuth();
        await using var app = builder.Build();
        app.MapAuth();
        await app.StartAsync();
        await UntilAsync(() => revoked.Jids.Contains("early@meet.jitsi"));

        await command.AddAsync("late", null, Passwords.PasswordKeys.Of("late password"), CancellationToken.None);
        await command.SetKeysAsync("late", Passwords.PasswordKeys.Of("later password"), CancellationToken.None);
        await command.RemoveAsync("late", CancellationToken.None);
        await UntilAsync(() => revoked.Jids.Contains("late@meet.jitsi") && Audit().Count == 5);
        Assert.Equal(
            ["Account early@meet.jitsi: added", "Account early@meet.jitsi: removed", "Account late@meet.jitsi: added", "Account late@meet.jitsi: password changed", "Account late@meet.jitsi: removed"],
            Audit().Select(line => line[..line.IndexOf(" at ", StringComparison.Ordinal)]));
        Assert.Equal(2, revoked.Jids.Count);
        Assert.Empty(await command.UnpublishedAsync(CancellationToken.None));
        await app.StopAsync();

        List<string> Audit() => [.. log.Lines.Where(line => line.Event == 9010).Select(line => line.Line)];
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var end = Environment.TickCount64 + 30_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, "not within 30 s");
            await Task.Delay(50);
        }
    }

    public sealed class Revoked
    {
        public ConcurrentBag<string> Jids { get; } = [];
    }

    public sealed class RevokedConsumer(Revoked revoked) : IConsumer<AccountRevoked>
    {
        public Task Consume(ConsumeContext<AccountRevoked> context)
        {
            revoked.Jids.Add(context.Message.BareJid);
            return Task.CompletedTask;
        }
    }
}

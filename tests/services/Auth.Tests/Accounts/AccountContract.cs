using System.Text.Json;
using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Tests.Kit;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using Microsoft.EntityFrameworkCore;

namespace JitsiMesh.Auth.Tests.Accounts;

/// <summary>What holds for accounts in either database.</summary>
internal static class AccountContract
{
    private static readonly string[] Mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"];

    public static async Task LogsInAsync(AuthModuleUnderTest auth)
    {
        Assert.Equal("SCRAM-SHA-256,SCRAM-SHA-1,PLAIN", await auth.MechanismsAsync("meet.jitsi"));
        Assert.True(await auth.AddAsync("anna.b", "pässword \"1\"", "Anna B"));
        Assert.False(await auth.AddAsync("anna.b", "another one"));
        foreach (var mechanism in Mechanisms)
        {
            // The name in another case; lib-jitsi-meet sends the bare JID as authorization identity of PLAIN.
            var answer = mechanism == "PLAIN"
                ? await auth.PlainAsync("Anna.B", "pässword \"1\"", authorization: "anna.b@meet.jitsi")
                : await auth.ScramAsync(mechanism, "Anna.B", "pässword \"1\"");
            Assert.Equal(AdmitResponse.OutcomeOneofCase.Admitted, answer.OutcomeCase);
            Assert.Equal("anna.b", answer.Admitted.Username);
            var context = JsonSerializer.Deserialize<SessionContext>(answer.Admitted.Context)!;
            Assert.Equal(("anna.b@meet.jitsi", """{"id":"anna.b","name":"Anna B"}""", null), (context.Identity, context.UserContext, context.Moderator));
        }
    }

    public static async Task ChangesCountAtOnceAsync(AuthModuleUnderTest auth)
    {
        foreach (var mechanism in Mechanisms) await RefusedAsync(auth, mechanism, "first password");
        Assert.True(await auth.AddAsync("bob", "first password"));
        foreach (var mechanism in Mechanisms) await AdmittedAsync(auth, mechanism, "first password");
        Assert.True(await auth.SetPasswordAsync("bob", "second password"));
        foreach (var mechanism in Mechanisms)
        {
            await RefusedAsync(auth, mechanism, "first password");
            await AdmittedAsync(auth, mechanism, "second password");
        }

        Assert.True(await auth.Accounts.RemoveAsync("bob", CancellationToken.None));
        Assert.False(await auth.Accounts.RemoveAsync("bob", CancellationToken.None));
        Assert.False(await auth.SetPasswordAsync("bob", "third password"));
        foreach (var mechanism in Mechanisms) await RefusedAsync(auth, mechanism, "second password");
        Assert.Equal([AccountChange.Added, AccountChange.PasswordChanged, AccountChange.Removed], (await auth.Accounts.UnpublishedAsync(CancellationToken.None)).Select(c => c.Kind));
    }

    public static async Task KeepsKeysAloneAsync(AuthModuleUnderTest auth)
    {
        Assert.True(await auth.AddAsync("carl", "a password that nobody keeps"));
        var record = Assert.Single(await auth.Accounts.ListAsync(CancellationToken.None));
        Assert.Equal((10_000, 10_000), (record.Sha1Iterations, record.Sha256Iterations));
        Assert.Equal((16, 16), (record.Sha1Salt!.Length, record.Sha256Salt!.Length));
        Assert.NotEqual(record.Sha1Salt, record.Sha256Salt);
        Assert.Equal((20, 20, 32, 32), (record.Sha1StoredKey!.Length, record.Sha1ServerKey!.Length, record.Sha256StoredKey!.Length, record.Sha256ServerKey!.Length));
    }

    public static async Task ModelIsMigratedAsync(AuthModuleUnderTest auth)
    {
        await using var context = auth.Database.Context();
        Assert.False(context.Database.HasPendingModelChanges());
        Assert.Equal(context.Database.GetMigrations(), await context.Database.GetAppliedMigrationsAsync());
    }

    /// <summary>Four processes of a cluster that start at once over an empty database.</summary>
    public static async Task OpensOnceAsync(Func<AccountsDatabase> database)
    {
        var databases = Enumerable.Range(0, 4).Select(_ => database()).ToList();
        await Task.WhenAll(databases.Select(d => Task.Run(() => d.OpenAsync(CancellationToken.None))));
        Assert.Single(databases.Select(d => Convert.ToHexString(d.InventedSecret)).Distinct());
        await using var context = databases[0].Context();
        Assert.Single(await context.Database.GetAppliedMigrationsAsync());
    }

    public static async Task ToldOnceAsync(AuthModuleUnderTest auth)
    {
        Assert.True(await auth.AddAsync("dora", "some password"));
        var change = Assert.Single(await auth.Accounts.UnpublishedAsync(CancellationToken.None));
        var told = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => auth.Accounts.MarkPublishedAsync(change.Id, CancellationToken.None))));
        Assert.Single(told, true);
        Assert.Empty(await auth.Accounts.UnpublishedAsync(CancellationToken.None));
    }

    private static async Task AdmittedAsync(AuthModuleUnderTest auth, string mechanism, string password) =>
        Assert.Equal(AdmitResponse.OutcomeOneofCase.Admitted, (await TryAsync(auth, mechanism, password)).OutcomeCase);

    private static async Task RefusedAsync(AuthModuleUnderTest auth, string mechanism, string password)
    {
        var answer = await TryAsync(auth, mechanism, password);
        Assert.Equal(("not-authorized", ""), (answer.Refused.Condition, answer.Refused.Text));
    }

    private static Task<AdmitResponse> TryAsync(AuthModuleUnderTest auth, string mechanism, string password) =>
        mechanism == "PLAIN" ? auth.PlainAsync("bob", password) : auth.ScramAsync(mechanism, "bob", password);
}

public sealed class SqliteAccountTests
{
    [Fact]
    public async Task Accounts_log_in_with_every_mechanism()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await AccountContract.LogsInAsync(auth);
    }

    [Fact]
    public async Task What_is_changed_counts_at_once()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await AccountContract.ChangesCountAtOnceAsync(auth);
    }

    [Fact]
    public async Task Keys_alone_are_kept_in_a_file_of_this_user()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await AccountContract.KeepsKeysAloneAsync(auth);
        var file = Path.Combine(auth.Folder, "auth", "accounts.db");
        Assert.Equal(file, auth.Database.Description);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.True(File.Exists(file + "-wal"));
        Assert.DoesNotContain(Directory.EnumerateFiles(auth.Folder, "*", SearchOption.AllDirectories), path => File.ReadAllText(path).Contains("nobody keeps", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_tables_are_those_of_the_model()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await AccountContract.ModelIsMigratedAsync(auth);
    }

    [Fact]
    public async Task Processes_that_start_at_once_take_turns_even_after_one_that_was_killed()
    {
        await using var auth = AuthModuleUnderTest.Compose(("ENABLE_AUTH", "1"));
        await AccountContract.OpensOnceAsync(() => AccountsDatabase.Of(auth.Settings));

        // What a process leaves that is killed while it migrates.
        await using (var context = auth.Database.Context())
        {
            await context.Database.ExecuteSqlRawAsync("CREATE TABLE IF NOT EXISTS \"__EFMigrationsLock\" (\"Id\" INTEGER NOT NULL PRIMARY KEY, \"Timestamp\" TEXT NOT NULL)");
            await context.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01')");
        }

        await AccountsDatabase.Of(auth.Settings).OpenAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_change_is_told_by_one()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync();
        await AccountContract.ToldOnceAsync(auth);
    }
}

public sealed class PostgresAccountTests(RunningPostgres postgres) : IClassFixture<RunningPostgres>
{
    [PostgresFact]
    public async Task Accounts_log_in_with_every_mechanism()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync(await postgres.NewDatabaseAsync());
        await AccountContract.LogsInAsync(auth);
    }

    [PostgresFact]
    public async Task What_is_changed_counts_at_once_in_every_process()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var one = await AuthModuleUnderTest.InternalAsync(database);
        await AccountContract.ChangesCountAtOnceAsync(one);
        await using var two = await AuthModuleUnderTest.InternalAsync(database);
        Assert.True(await one.AddAsync("erik", "of two processes"));
        Assert.Equal("erik", (await two.ScramAsync("SCRAM-SHA-256", "erik", "of two processes")).Admitted.Username);

        // An exchange that one begins and the other ends.
        var client = new ScramClient("SCRAM-SHA-1", "erik", "of two processes");
        var first = await one.StepAsync("SCRAM-SHA-1", client.First);
        var last = await two.StepAsync("SCRAM-SHA-1", client.Final(first.Challenge.Message.Span), first.Challenge.State.ToByteArray());
        Assert.Equal("erik", last.Admitted.Username);
    }

    [PostgresFact]
    public async Task Keys_alone_are_kept_and_nothing_of_the_database_is_logged()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var auth = await AuthModuleUnderTest.InternalAsync(database);
        await AccountContract.KeepsKeysAloneAsync(auth);
        Assert.DoesNotContain("word", auth.Database.Description, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task The_tables_are_those_of_the_model()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync(await postgres.NewDatabaseAsync());
        await AccountContract.ModelIsMigratedAsync(auth);
    }

    [PostgresFact]
    public async Task Processes_that_start_at_once_take_turns()
    {
        await using var auth = AuthModuleUnderTest.Compose(("ENABLE_AUTH", "1"), ("MESH_ACCOUNTS_DATABASE", await postgres.NewDatabaseAsync()));
        await AccountContract.OpensOnceAsync(() => AccountsDatabase.Of(auth.Settings));
    }

    [PostgresFact]
    public async Task A_change_is_told_by_one()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync(await postgres.NewDatabaseAsync());
        await AccountContract.ToldOnceAsync(auth);
    }

    [PostgresFact]
    public async Task A_wrong_password_or_database_is_said_by_the_settings_name_and_without_the_password()
    {
        foreach (var (url, said) in new[] { (postgres.Url("mesh1", "not the password"), "password authentication failed"), (postgres.Url("nowhere"), "does not exist") })
        {
            await using var auth = AuthModuleUnderTest.Compose(("ENABLE_AUTH", "1"), ("MESH_ACCOUNTS_DATABASE", url));
            var refusal = await Assert.ThrowsAsync<Hosting.Settings.SettingsException>(() => auth.Database.OpenAsync(CancellationToken.None));
            var line = Assert.Single(refusal.Problems);
            Assert.StartsWith("MESH_ACCOUNTS_DATABASE: postgres://127.0.0.1:", line, StringComparison.Ordinal);
            Assert.Contains(said, line, StringComparison.Ordinal);
            Assert.DoesNotContain("not the password", line, StringComparison.Ordinal);
        }
    }
}

/// <summary>A database of its own, which goes away.</summary>
public sealed class PostgresOutageTests(RunningPostgres postgres) : IClassFixture<RunningPostgres>
{
    [PostgresFact]
    public async Task While_the_database_is_away_logins_may_be_tried_again_and_do_not_count()
    {
        await using var auth = await AuthModuleUnderTest.InternalAsync(await postgres.NewDatabaseAsync());
        Assert.True(await auth.AddAsync("fred", "of the outage"));
        await postgres.StopAsync();
        for (var i = 0; i < 15; i++)
        {
            var answer = i % 2 == 0 ? await auth.PlainAsync("fred", "of the outage") : await auth.ScramAsync("SCRAM-SHA-1", "fred", "of the outage");
            Assert.Equal(("temporary-auth-failure", "", "accounts_unavailable"), (answer.Refused.Condition, answer.Refused.Text, answer.Refused.Reason));
        }

        await postgres.StartAsync();
        Assert.Equal("fred", (await auth.PlainAsync("fred", "of the outage")).Admitted.Username);
        Assert.DoesNotContain(auth.Log.Lines, line => line.Line.Contains("of the outage", StringComparison.Ordinal) || line.Line.Contains("p@ss", StringComparison.Ordinal));
    }
}

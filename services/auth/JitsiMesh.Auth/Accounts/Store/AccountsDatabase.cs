using System.Security.Cryptography;
using JitsiMesh.Hosting.Settings;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace JitsiMesh.Auth.Accounts.Store;

/// <summary>The database of the accounts: an SQLite file, or a PostgreSQL database that the auth services of a cluster share.</summary>
internal abstract class AccountsDatabase
{
    private byte[]? _invented;

    /// <summary>Timeout of one command; below the time that signalling waits for auth's answer.</summary>
    protected const int CommandSeconds = 3;

    /// <summary>Timeout for the migration of another process.</summary>
    protected static readonly TimeSpan MigrationTime = TimeSpan.FromSeconds(60);

    protected abstract DbContextOptions<AccountsContext> Options { get; }

    /// <summary>For log and error texts, without a password.</summary>
    public abstract string Description { get; }

    /// <summary>The key of invented salts; available once the database is open.</summary>
    public byte[] InventedSecret => _invented ?? throw new InvalidOperationException("The accounts' database is not open.");

    public bool IsOpen => _invented is not null;

    public static AccountsDatabase Of(MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Get(KnownSettings.AccountsDatabase) is { Length: > 0 } url) return new PostgresAccounts(url);
        var folder = settings.IsSet(KnownSettings.DataDirectory) ? settings.DataDirectory : Path.Combine(settings.ConfigDirectory, "auth");
        return new SqliteAccounts(Path.Combine(folder, "accounts.db"));
    }

    public AccountsContext Context() => new(Options);

    /// <summary>Creates the database if it does not exist and migrates its tables; two processes that start at once take turns.</summary>
    /// <exception cref="SettingsException">A problem that an operator must fix: a folder that cannot be written, a wrong password, a missing database.</exception>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        if (IsOpen) return;
        await using (await AloneAsync(cancellation))
        {
            await using var context = Context();
            await PrepareAsync(context, cancellation);
            context.Database.SetCommandTimeout(MigrationTime);
            await context.Database.MigrateAsync(cancellation);
            var secret = await context.Secrets.AsNoTracking().SingleOrDefaultAsync(s => s.Name == SecretRecord.Invented, cancellation);
            if (secret is null)
            {
                secret = new SecretRecord { Name = SecretRecord.Invented, Value = RandomNumberGenerator.GetBytes(32) };
                context.Secrets.Add(secret);
                await context.SaveChangesAsync(cancellation);
            }

            _invented = secret.Value;
        }
    }

    /// <summary>Holds the migration lock until disposed.</summary>
    protected abstract Task<IAsyncDisposable> AloneAsync(CancellationToken cancellation);

    protected virtual Task PrepareAsync(AccountsContext context, CancellationToken cancellation) => Task.CompletedTask;

    private sealed class SqliteAccounts(string path) : AccountsDatabase
    {
        protected override DbContextOptions<AccountsContext> Options { get; } = new DbContextOptionsBuilder<AccountsContext>()
            .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = CommandSeconds }.ToString()).Options;

        public override string Description => path;

        protected override async Task<IAsyncDisposable> AloneAsync(CancellationToken cancellation)
        {
            try
            {
                // Password keys are readable for this user only.
                if (!OperatingSystem.IsWindows()) Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                await using (new FileStream(path, options))
                {
                    // The file exists now, and SQLite opens it as it is.
                }

                options.Share = FileShare.None;
                var end = Environment.TickCount64 + (long)MigrationTime.TotalMilliseconds;
                while (true)
                {
                    try
                    {
                        return new FileStream(path + ".lock", options);
                    }
                    catch (IOException) when (Environment.TickCount64 < end)
                    {
                        await Task.Delay(50, cancellation);
                    }
                    catch (IOException exception)
                    {
                        // Another process migrates the tables, on a slow machine: not an error of the settings, and retried.
                        throw new TimeoutException($"another process has held {path}.lock for {MigrationTime.TotalSeconds:0} s", exception);
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new SettingsException([$"CONFIG: the accounts cannot be stored in {path}: {exception.Message}"]);
            }
        }

        protected override async Task PrepareAsync(AccountsContext context, CancellationToken cancellation)
        {
            // In WAL mode readers and the writer do not block each other.
            await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellation);

            // The lock row of a process that was killed during its migration: others would wait for it forever. No other process is here now.
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellation);
        }
    }

    private sealed class PostgresAccounts : AccountsDatabase
    {
        /// <summary>The number of the advisory lock; any number that is unique in this database.</summary>
        private const long LockNumber = 0x4A69_7473_694D_6573;

        private readonly NpgsqlConnectionStringBuilder _connection;

        public PostgresAccounts(string url)
        {
            _connection = PostgresUrl.TryRead(url, out var connection) ? connection : throw new SettingsException([$"{KnownSettings.AccountsDatabase.Name}: the value is not {KnownSettings.AccountsDatabase.Expected}"]);
            _connection.Timeout = CommandSeconds;
            _connection.CommandTimeout = CommandSeconds;
            _connection.ApplicationName ??= "JitsiMesh auth";
            Options = new DbContextOptionsBuilder<AccountsContext>().UseNpgsql(_connection.ConnectionString).Options;
        }

        protected override DbContextOptions<AccountsContext> Options { get; }

        public override string Description => FormattableString.Invariant($"postgres://{_connection.Host}:{_connection.Port}/{_connection.Database}");

        protected override async Task<IAsyncDisposable> AloneAsync(CancellationToken cancellation)
        {
            var connection = new NpgsqlConnection(_connection.ConnectionString);
            try
            {
                await connection.OpenAsync(cancellation);
                await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { CommandTimeout = (int)MigrationTime.TotalSeconds, Parameters = { new() { Value = LockNumber } } };
                await command.ExecuteNonQueryAsync(cancellation);
                return new Advisory(connection);
            }
            catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName)
            {
                await connection.DisposeAsync();
                throw new SettingsException([$"{KnownSettings.AccountsDatabase.Name}: {Description} says: {exception.MessageText}"]);
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }

        // The pool returns connections without ending their session, which would keep the lock.
        private sealed class Advisory(NpgsqlConnection connection) : IAsyncDisposable
        {
            public async ValueTask DisposeAsync()
            {
                await using (connection)
                {
                    await using var command = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = LockNumber } } };
                    await command.ExecuteNonQueryAsync();
                }
            }
        }
    }
}

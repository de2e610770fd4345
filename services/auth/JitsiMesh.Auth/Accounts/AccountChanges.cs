using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Hosting.Settings;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Accounts;

/// <summary>
/// Opens the accounts' database and tells what happens to accounts: into the audit log, and to signalling, which ends the sessions of a removed one. Commands that change
/// accounts are other processes, perhaps on other machines, and the database is what they share with this one.
/// </summary>
internal sealed partial class AccountChanges(AccountsDatabase database, AccountStore accounts, MeshSettings settings, IBus bus, LoginAudit audit, TimeProvider time, ILogger<AccountChanges> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>How long the bus may take; what it did not take is told the next time.</summary>
    private static readonly TimeSpan PublishTime = TimeSpan.FromSeconds(10);

    private const int RoundsBetweenForgetting = 1800;

    private readonly string _domain = AccountsModule.DomainOf(settings);
    private bool _failing;
    private int _rounds;

    /// <exception cref="SettingsException">The database refuses for a reason that does not pass by itself.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryOpenAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                await RoundAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RoundAsync(CancellationToken cancellation)
    {
        try
        {
            if (!database.IsOpen)
            {
                await database.OpenAsync(cancellation);
                LogReached(database.Description);
            }

            await TellAsync(cancellation);
            if (_rounds++ % RoundsBetweenForgetting == 0) await accounts.ForgetAsync(cancellation);
            _failing = false;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            Fail(exception);
        }
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        foreach (var change in await accounts.UntoldAsync(cancellation))
        {
            if (change.Kind == AccountChange.Removed)
            {
                // Before it is marked: another auth service may tell it again, but none may leave it out.
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(PublishTime);
                await bus.Publish(new AccountRevoked { BareJid = $"{change.Name}@{_domain}" }, limit.Token);
            }

            if (await accounts.ToldAsync(change.Id, cancellation)) audit.Changed(_domain, change.Name, change.Kind, change.At);
        }
    }

    private async Task TryOpenAsync(CancellationToken cancellation)
    {
        try
        {
            await database.OpenAsync(cancellation);
        }
        catch (Exception exception) when (exception is not SettingsException && !cancellation.IsCancellationRequested)
        {
            // A database that starts later than this process is no reason to end.
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        if (!_failing) LogFailed(database.Description, exception);
        _failing = true;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The accounts' database {Database} cannot be used; until it can, nobody logs in")]
    private partial void LogFailed(string database, Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "The accounts' database {Database} is reached")]
    private partial void LogReached(string database);
}

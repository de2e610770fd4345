using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Hosting.Settings;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Accounts;

/// <summary>
/// Opens the accounts' database and reports account changes to the audit log and to signalling, which ends the sessions of a removed account. Commands that change
/// accounts run in other processes, possibly on other machines, and share only the database with this one.
/// </summary>
internal sealed partial class AccountChanges(AccountsDatabase database, AccountStore accounts, MeshSettings settings, IBus bus, LoginAudit audit, TimeProvider time, ILogger<AccountChanges> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>Timeout of the bus; a change that was not published is published the next time.</summary>
    private static readonly TimeSpan PublishTime = TimeSpan.FromSeconds(10);

    private const int RoundsBetweenForgetting = 1800;

    private readonly string _domain = AccountsModule.DomainOf(settings);
    private bool _failing;
    private int _rounds;

    /// <exception cref="SettingsException">The database refuses for a permanent reason.</exception>
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
            // The host is stopping.
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

            await PublishAsync(cancellation);
            if (_rounds++ % RoundsBetweenForgetting == 0) await accounts.ForgetAsync(cancellation);
            _failing = false;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            Fail(exception);
        }
    }

    private async Task PublishAsync(CancellationToken cancellation)
    {
        foreach (var change in await accounts.UnpublishedAsync(cancellation))
        {
            if (change.Kind == AccountChange.Removed)
            {
                // Publish before marking the change: another auth service may publish it again, but none may omit it.
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(PublishTime);
                await bus.Publish(new AccountRevoked { BareJid = $"{change.Name}@{_domain}" }, limit.Token);
            }

            if (await accounts.MarkPublishedAsync(change.Id, cancellation)) audit.Changed(_domain, change.Name, change.Kind, change.At);
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
            // A database that starts later than this process must not end it.
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        if (!_failing) LogFailed(database.Description, exception);
        _failing = true;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The accounts' database {Database} cannot be used; no user can log in until it is available")]
    private partial void LogFailed(string database, Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "The accounts' database {Database} is reached")]
    private partial void LogReached(string database);
}

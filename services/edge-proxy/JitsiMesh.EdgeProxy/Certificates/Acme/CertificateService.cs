using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>Runs the keeper's steps once the ports are open, since the authority connects to them.</summary>
internal sealed partial class CertificateService(CertificateKeeper keeper, AcmePlan plan, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<CertificateService> logger) : BackgroundService
{
    private static readonly TimeSpan AfterFault = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        keeper.Report();
        if (!plan.CanOrder) return;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            while (true) await Task.Delay(await StepAsync(stoppingToken), time, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next process resumes a pending order.
        }
    }

    private async Task<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        try
        {
            return await keeper.StepAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A bug here must not take the site down.
            LogFault(e);
            return AfterFault;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "ACME: an unexpected fault; the site keeps its current certificate")]
    private partial void LogFault(Exception exception);
}

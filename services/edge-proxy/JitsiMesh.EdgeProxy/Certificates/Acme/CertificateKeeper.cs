using System.Security.Cryptography;
using JitsiMesh.Acme.Certificates;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Jose;
using JitsiMesh.Acme.Orders;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>
/// Obtains a certificate and renews it. Each step reads the stored state and does what is due: it imports a certificate, resumes the pending order of an earlier process, or makes an order. When a step fails, the site stays up with its
/// current certificate; the failure is one line in the log, on /debug/certificate and in the metrics.
/// </summary>
internal sealed partial class CertificateKeeper(
    AcmePlan plan, MeshSettings settings, CertificateProvider provider, ChallengeBoard board, CertificateMetrics metrics, IRandomSource random, TimeProvider time, ILogger<CertificateKeeper> logger)
{
    /// <summary>How often the folder is read: another edge may have renewed the certificate, or the operator may have added files.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromHours(1);

    /// <summary>The same while another edge orders.</summary>
    private static readonly TimeSpan ShortCheckInterval = TimeSpan.FromSeconds(30);

    private bool _loggedOwnFiles;

    /// <summary>Waits during an order.</summary>
    public Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = (pause, cancellation) => Task.Delay(pause, time, cancellation);

    /// <summary>Logs the problems of the settings, one line each, once.</summary>
    public void Report()
    {
        foreach (var problem in plan.Problems) LogProblem(problem);
        foreach (var warning in plan.Warnings) LogWarning(warning);
    }

    /// <returns>The pause until the next step.</returns>
    public async Task<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        try
        {
            _ = provider.Current;
            if (provider.Source == CertificateSource.OwnFiles)
            {
                if (!_loggedOwnFiles) LogOwnFiles();
                _loggedOwnFiles = true;
                return CheckInterval;
            }

            return await LookAsync(plan.Folder!, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Orders must be counted in the folder; without it none is made.
            LogNotKept(e.Message);
            metrics.Failed("not-kept");
            return CheckInterval;
        }
    }

    private async Task<TimeSpan> LookAsync(AcmeFolder folder, CancellationToken cancellation)
    {
        if (Until(Due(folder)) is { } later && folder.ReadCertificate(plan.Names) is { CoversAll: true }) return later;
        using var held = folder.TryLock();
        if (held is null) return ShortCheckInterval;

        // Another edge may have changed the state meanwhile.
        Import(folder);
        if (Until(Due(folder)) is { } then)
        {
            provider.Invalidate();
            return then;
        }

        await OrderAsync(folder, cancellation);
        return Until(Due(folder)) ?? ShortCheckInterval;
    }

    /// <summary>When the next request to the authority is due.</summary>
    private DateTimeOffset Due(AcmeFolder folder)
    {
        var now = time.GetUtcNow();
        var request = AcmeSchedule.NextRequest(folder.ReadState(plan.Names), now);
        var renewal = folder.ReadCertificate(plan.Names) is { CoversAll: true } kept ? AcmeSchedule.RenewalOf(kept.NotBefore, kept.NotAfter, kept.Thumbprint) : now;
        return request > renewal ? request : renewal;
    }

    private TimeSpan? Until(DateTimeOffset due) => due - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left < CheckInterval ? left : CheckInterval : null;

    private void Import(AcmeFolder folder)
    {
        var now = time.GetUtcNow();
        var own = folder.ReadCertificate(plan.Names) is { CoversAll: true } kept && kept.NotAfter > now ? kept : null;
        if (own is not null && AcmeSchedule.RenewalOf(own.NotBefore, own.NotAfter, own.Thumbprint) > now) return;
        if (CertificateImport.Find(settings.ConfigDirectory, settings.DataDirectory, plan.Names, plan.IsStaging, now) is not { } found || found.Kept.NotAfter <= (own?.NotAfter ?? now)) return;
        folder.WriteCertificate(File.ReadAllText(found.Certificate), File.ReadAllText(found.Key));
        LogImported(found.Certificate, found.Kept.NotAfter.UtcDateTime);
        provider.Invalidate();
    }

    private async Task OrderAsync(AcmeFolder folder, CancellationToken cancellation)
    {
        var state = folder.ReadState(plan.Names);
        using var accountKey = folder.AccountKey(out var isNew);
        if (isNew) folder.ForgetAccount();
        var account = folder.ReadAccount();
        var open = AcmeSchedule.Open(state, time.GetUtcNow());
        using var kept = open is null || account is null ? null : folder.ReadOrderKey();
        if (open is not null && kept is null)
        {
            // The order cannot be completed without the key that it was started with.
            folder.WriteState(Close(state, OrderOutcome.Failed));
            return;
        }

        using var key = kept ?? folder.NewOrderKey();
        await DriveAsync(folder, key, new AcmeOrderOptions
        {
            Directory = plan.Authority,
            AccountKey = accountKey,
            Account = account?.Url,
            ContactChanged = account is not null && account.Email != plan.Email,
            Email = plan.Email,
            ExternalAccount = plan.ExternalAccount,
            Names = plan.Names,
            CertificateKey = key,
            Order = open?.Url,
            Challenges = plan.Challenges(state.FailedChallenge is { } failed && ChallengeKinds.TryRead(failed, out var kind) ? kind : null),
            PreferredChain = plan.PreferredChain,
        }, cancellation);
    }

    private async Task DriveAsync(AcmeFolder folder, ECDsa key, AcmeOrderOptions options, CancellationToken cancellation)
    {
        using var transport = new AcmeTransport(plan.AuthoritiesFile, time);
        var client = new AcmeOrderClient(options);
        var action = client.Start(time.GetUtcNow());
        try
        {
            while (true)
            {
                switch (action)
                {
                    case SendRequest send:
                        var exchange = await transport.SendAsync(send.Request, cancellation);
                        action = exchange.Answer is { } answer ? client.Receive(answer, time.GetUtcNow()) : client.Fail(exchange.Fault, exchange.Problem, time.GetUtcNow());
                        continue;
                    case KeepProgress progress:
                        folder.WriteAccount(new AcmeAccount(progress.Account, plan.Email));
                        if (progress.Order is not null) KeepOrder(folder, progress.Order);
                        break;
                    case CountOrder:
                        var state = folder.ReadState(plan.Names);
                        folder.WriteState(state with { Orders = [.. state.Orders.TakeLast(AcmeSchedule.OrdersKept - 1), new OrderRecord(time.GetUtcNow(), null, OrderOutcome.Open)] });
                        break;
                    case PresentChallenges present:
                        await board.PresentAsync(present.Answers, cancellation);
                        break;
                    case Pause pause:
                        await Wait(pause.Time, cancellation);
                        break;
                    case Issued issued:
                        Keep(folder, issued.Chain, key);
                        return;
                    case GaveUp gaveUp:
                        Fail(folder, gaveUp.Failure);
                        return;
                }

                action = client.Continue(time.GetUtcNow());
            }
        }
        finally
        {
            await board.ClearAsync();
        }
    }

    private void KeepOrder(AcmeFolder folder, Uri url)
    {
        var state = folder.ReadState(plan.Names);
        if (state.Orders is [.., var last]) folder.WriteState(state with { Orders = [.. state.Orders.SkipLast(1), last with { Url = url }] });
    }

    private void Keep(AcmeFolder folder, CertificateChain chain, ECDsa key)
    {
        // The certificate is written first: a process that dies in between resumes the order and gets the same certificate.
        folder.WriteCertificate(chain.Pem, key.ExportPkcs8PrivateKeyPem());
        folder.WriteState(Close(folder.ReadState(plan.Names), OrderOutcome.Issued) with { Failures = 0, NotBefore = null, LastError = null, FailedChallenge = null });
        metrics.Ended(OrderOutcome.Issued);
        LogIssued(string.Join(", ", plan.Names), plan.Authority.Host, chain.NotAfter.UtcDateTime);
        provider.Invalidate();
    }

    private void Fail(AcmeFolder folder, AcmeFailure failure)
    {
        var now = time.GetUtcNow();
        var state = folder.ReadState(plan.Names);
        var hasOpen = failure.Ordered && state.Orders is [.., { Outcome: OrderOutcome.Open }];
        var isResumable = hasOpen && AcmeSchedule.IsTransient(failure) && AcmeSchedule.Open(state, now) is not null;
        if (hasOpen && !isResumable)
        {
            state = Close(state, OrderOutcome.Failed);
            metrics.Ended(OrderOutcome.Failed);
        }

        var inARow = hasOpen && !isResumable ? state.Orders.Reverse().TakeWhile(o => o.Outcome == OrderOutcome.Failed).Count() : state.Failures + 1;
        var next = now + AcmeSchedule.PauseAfter(failure, inARow, random.NextInt(1000) / 1000.0);
        var advice = AcmeAdvice.For(failure);
        var text = failure.Text + (advice.Length > 0 ? "; likely: " + advice : "");
        folder.WriteState(state with
        {
            Failures = hasOpen && !isResumable ? 0 : state.Failures + 1,
            NotBefore = next,
            FailedChallenge = failure.Challenge is { } challenge ? ChallengeKinds.NameOf(challenge) : state.FailedChallenge,
            LastError = new AcmeError(now, Word(failure.Reason), text),
        });
        metrics.Failed(Word(failure.Reason));
        var current = provider.Current.TargetCertificate;
        LogFailed(string.Join(", ", plan.Names), plan.Authority.Host, Word(failure.Reason), text, provider.Source == CertificateSource.SelfSigned ? "self-signed" : "last good", current.NotAfter.ToUniversalTime(), next.UtcDateTime);
    }

    private static AcmeState Close(AcmeState state, OrderOutcome outcome) => state.Orders is [.., { Outcome: OrderOutcome.Open } last]
        ? state with { Orders = [.. state.Orders.SkipLast(1), last with { Outcome = outcome }] }
        : state;

    private static string Word(AcmeReason reason) => reason switch
    {
        AcmeReason.Unreachable => "unreachable",
        AcmeReason.Timeout => "timeout",
        AcmeReason.TooLarge => "too-large",
        AcmeReason.Malformed => "malformed",
        AcmeReason.ServerError => "server-error",
        AcmeReason.BadNonce => "bad-nonce",
        AcmeReason.RateLimited => "rate-limited",
        AcmeReason.BindingNeeded => "binding-needed",
        AcmeReason.NoChallenge => "no-challenge",
        AcmeReason.ChallengeFailed => "challenge-failed",
        AcmeReason.BadChain => "bad-chain",
        _ => "refused",
    };

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Problem}; no certificate is ordered, and HTTPS keeps its current certificate")]
    private partial void LogProblem(string problem);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void LogWarning(string warning);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "ENABLE_LETSENCRYPT: no certificate is ordered, since CONFIG/web/keys holds one")]
    private partial void LogOwnFiles();

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "CONFIG: no certificate is ordered, since the order could not be stored: {Reason}")]
    private partial void LogNotKept(string reason);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "ACME: the certificate {Path} is imported, valid until {Until:yyyy-MM-dd HH:mm} UTC; it is renewed from now on")]
    private partial void LogImported(string path, DateTime until);

    [LoggerMessage(EventId = 6, Level = LogLevel.Information, Message = "ACME: certificate for {Names} from {Authority}, valid until {Until:yyyy-MM-dd HH:mm} UTC")]
    private partial void LogIssued(string names, string authority, DateTime until);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning, Message = "ACME: no certificate for {Names} from {Authority} ({Reason}): {Text}; the site keeps the {Kind} certificate (until {Until:yyyy-MM-dd}), next try at {Next:yyyy-MM-dd HH:mm} UTC")]
    private partial void LogFailed(string names, string authority, string reason, string text, string kind, DateTime until, DateTime next);
}

using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Acme;
using JitsiMesh.Acme.Orders;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>When a certificate is renewed, and when the next request to an authority is allowed. Pure: depends only on the stored state and the arguments.</summary>
internal static class AcmeSchedule
{
    /// <summary>The most orders within <see cref="Day"/>. The bound holds when the clock jumps, when the folder is restored from a backup, and when the process restarts in a loop.</summary>
    public const int OrdersOfDay = 3;

    /// <summary>Orders that are kept in the state.</summary>
    public const int OrdersKept = 10;

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    // After the first, second and third failure.
    private static readonly TimeSpan[] FailurePauses = [TimeSpan.FromHours(1), TimeSpan.FromHours(6), Day];

    // Where the authority could not be reached, or a pending order can continue: retries cost nothing there.
    private static readonly TimeSpan[] UnavailablePauses = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)];

    private static readonly TimeSpan LongestPause = AcmeLimits.LongestRetryAfter * 1.2;

    /// <summary>How long a pending order of an earlier process may be resumed.</summary>
    public static readonly TimeSpan OrderResumeWindow = TimeSpan.FromHours(6);

    /// <summary>At two thirds of a certificate's lifetime, plus up to a twenty-fifth of it, so that certificates issued on one day are not all renewed at once.</summary>
    public static DateTimeOffset RenewalOf(DateTimeOffset notBefore, DateTimeOffset notAfter, string thumbprint)
    {
        var life = notAfter - notBefore;
        var spread = SHA256.HashData(Encoding.ASCII.GetBytes(thumbprint))[0] / 256.0;
        return notBefore + life * (2.0 / 3) + life * (spread / 25);
    }

    /// <summary>The pending order that can be resumed; null for none.</summary>
    public static OrderRecord? Open(AcmeState state, DateTimeOffset now) =>
        state.Orders is [.., { Outcome: OrderOutcome.Open, Url: not null } last] && now - last.At < OrderResumeWindow && last.At <= now ? last : null;

    /// <summary>When the next request is allowed, for the pending order or for a new one.</summary>
    public static DateTimeOffset NextRequest(AcmeState state, DateTimeOffset now)
    {
        // A wrong clock may have written a time far in the future, which must not block requests for years.
        var next = state.NotBefore is { } until && until - now < LongestPause ? until : DateTimeOffset.MinValue;
        if (Open(state, now) is not null) return next;
        var orders = state.Orders.Where(o => o.At <= now).ToList();
        var failed = Enumerable.Reverse(orders).TakeWhile(o => o.Outcome != OrderOutcome.Issued).Count();
        if (failed > 0) next = Later(next, orders[^1].At + FailurePauses[Math.Min(failed, FailurePauses.Length) - 1]);
        if (orders.Count >= OrdersOfDay) next = Later(next, orders[^OrdersOfDay].At + Day);
        return next;
    }

    /// <summary>The pause after a failure.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="failures">The number of failures in a row, including this one.</param>
    /// <param name="spread">0 to 1: spreads the retries of many servers.</param>
    public static TimeSpan PauseAfter(AcmeFailure failure, int failures, double spread)
    {
        var pauses = IsTransient(failure) ? UnavailablePauses : FailurePauses;
        var pause = pauses[Math.Clamp(failures, 1, pauses.Length) - 1];
        if (failure.RetryAfter is { } wanted && wanted > pause) pause = wanted;
        return pause + pause * (spread / 10);
    }

    /// <summary>Whether the authority did not answer, or answered that it is temporarily unavailable.</summary>
    public static bool IsTransient(AcmeFailure failure) => failure.Reason is AcmeReason.Unreachable or AcmeReason.Timeout or AcmeReason.ServerError;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}

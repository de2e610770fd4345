using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Outbound;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>What the access manager says of somebody.</summary>
public enum BanVerdict
{
    Welcome,

    Banned,

    /// <summary>It does not answer, and nobody comes in without an answer.</summary>
    Unknown,
}

/// <summary>
/// Asks an access manager whether somebody with a token is banned (mod_muc_auth_ban): <c>GET</c> with the token as bearer; only 200 with <c>{"access":false}</c> is a ban. Bans are remembered
/// for a while by a hash of the token, since a refused client tries again.
/// </summary>
public sealed partial class BanCheck(BanCheckOptions options, MeshClock clock, SignallingMetrics metrics, ILogger<BanCheck> logger) : IDisposable
{
    private readonly OutboundHttp _http = new(clock.Time);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MonotonicTime> _banned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<BanVerdict>> _running = new(StringComparer.Ordinal);

    /// <param name="token">A token that auth has found good.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async ValueTask<BanVerdict> CheckAsync(string token, CancellationToken cancellation)
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (IsRemembered(key)) return Told(BanVerdict.Banned, "banned");
        Task<BanVerdict>? check;
        lock (_gate)
        {
            // Concurrent questions about one person wait for one answer, so that many questions are no way around the check.
            if (!_running.TryGetValue(key, out check))
            {
                // Nobody comes in for this, also not where a missing answer lets people in: a crowd could be somebody's own.
                if (_running.Count >= SignallingLimits.AccessChecks) return Told(BanVerdict.Unknown, "too_many");
                _running[key] = check = AskAsync(key, token);
            }
        }

        return await check.WaitAsync(cancellation);
    }

    private async Task<BanVerdict> AskAsync(string key, string token)
    {
        await Task.Yield();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, options.Address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var answer = await _http.SendAsync(request, options.Timeout, SignallingLimits.AccessAnswerOctets, CancellationToken.None);
            if (answer.Failure != OutboundFailure.None) return NoAnswer(answer.Failure switch { OutboundFailure.Timeout => "timeout", OutboundFailure.Unreachable => "unreachable", _ => "invalid" });
            if (answer.Status != HttpStatusCode.OK) return NoAnswer("status");
            if (JsonText.TryObject(answer.Body) is not { } json || json["access"]?.Boolean is not { } access) return NoAnswer("invalid");
            if (access) return Told(BanVerdict.Welcome, "welcome");
            Remember(key);
            return Told(BanVerdict.Banned, "banned");
        }
        finally
        {
            lock (_gate) _running.Remove(key);
        }
    }

    public void Dispose() => _http.Dispose();

    private BanVerdict NoAnswer(string outcome)
    {
        LogNoAnswer(outcome, options.FailsOpen ? "comes in" : "does not come in");
        return Told(options.FailsOpen ? BanVerdict.Welcome : BanVerdict.Unknown, outcome);
    }

    private BanVerdict Told(BanVerdict verdict, string outcome)
    {
        metrics.BanChecked(outcome);
        return verdict;
    }

    private bool IsRemembered(string key)
    {
        lock (_gate)
        {
            if (!_banned.TryGetValue(key, out var until)) return false;
            if (clock.Now.Now < until) return true;
            _banned.Remove(key);
            return false;
        }
    }

    private void Remember(string key)
    {
        lock (_gate)
        {
            if (_banned.Count >= SignallingLimits.BannedTokens) _banned.Remove(_banned.MinBy(pair => pair.Value.Nanoseconds).Key);
            _banned[key] = clock.Now.Now + SignallingLimits.BanMemory;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The access manager gave no answer that is of use ({Outcome}): somebody with a token {Consequence}")]
    private partial void LogNoAnswer(string outcome, string consequence);
}

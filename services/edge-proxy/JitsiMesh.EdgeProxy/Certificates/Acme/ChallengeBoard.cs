using JitsiMesh.Acme.Challenges;
using JitsiMesh.Contracts.Store;
using JitsiMesh.EdgeProxy.Limits;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>
/// The challenge responses during an order. The ordering edge has them in memory, the other edges read them from the store: the authority may reach any edge behind the name. Key authorizations are
/// not secret.
/// </summary>
internal sealed partial class ChallengeBoard(IMeshStore store, TimeProvider time, ILogger<ChallengeBoard> logger)
{
    private const string Prefix = "acme-challenge:";
    private const string HttpPrefix = Prefix + "http:";
    private const string TlsPrefix = Prefix + "tls:";

    // An order takes ten minutes at most.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private Dictionary<string, string> _answers = [];
    private Task<IReadOnlyDictionary<string, string>>? _nextRead;
    private DateTimeOffset _lastRead;

    public async Task PresentAsync(IReadOnlyList<ChallengeAnswer> answers, CancellationToken cancellation)
    {
        lock (_gate) _answers = answers.ToDictionary(KeyOf, a => a.KeyAuthorization, StringComparer.Ordinal);
        try
        {
            foreach (var answer in answers) await store.SetPlacementAsync(KeyOf(answer), answer.KeyAuthorization, Lifetime, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotShared(e.Message);
        }
    }

    public async Task ClearAsync()
    {
        Dictionary<string, string> gone;
        lock (_gate) (gone, _answers) = (_answers, []);
        try
        {
            foreach (var key in gone.Keys) await store.RemovePlacementAsync(key);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The entries expire by themselves.
            LogNotShared(e.Message);
        }
    }

    /// <summary>The key authorization of an HTTP-01 token; null for none.</summary>
    public ValueTask<string?> HttpAsync(string token, CancellationToken cancellation) => FindAsync(HttpPrefix + token, cancellation);

    /// <summary>The key authorization of a name for TLS-ALPN-01; null for none.</summary>
    public ValueTask<string?> TlsAsync(string name, CancellationToken cancellation) => FindAsync(TlsPrefix + name, cancellation);

    private async ValueTask<string?> FindAsync(string key, CancellationToken cancellation)
    {
        Task<IReadOnlyDictionary<string, string>> look;
        lock (_gate)
        {
            if (_answers.TryGetValue(key, out var own)) return own;
            look = _nextRead ??= ReadStoreAsync(_lastRead + EdgeLimits.ChallengeReadInterval - time.GetUtcNow());
        }

        try
        {
            return (await look.WaitAsync(cancellation)).GetValueOrDefault(key);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null;
        }
    }

    // Any client can request any token. Concurrent requests share one read of the store, so that a flood costs one read per pause and hides no token that was presented before.
    private async Task<IReadOnlyDictionary<string, string>> ReadStoreAsync(TimeSpan pause)
    {
        await Task.Yield();
        if (pause > TimeSpan.Zero) await Task.Delay(pause < EdgeLimits.ChallengeReadInterval ? pause : EdgeLimits.ChallengeReadInterval, time);
        lock (_gate) (_nextRead, _lastRead) = (null, time.GetUtcNow());
        return await store.GetPlacementsAsync(Prefix);
    }

    private static string KeyOf(ChallengeAnswer answer) => answer.Kind == ChallengeKind.Http01 ? HttpPrefix + answer.Token : TlsPrefix + answer.Name;

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "ACME: other edges cannot answer for this one, since the store did not accept the challenge: {Reason}")]
    private partial void LogNotShared(string reason);
}

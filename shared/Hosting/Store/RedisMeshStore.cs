using System.Globalization;
using System.Text;
using JitsiMesh.Contracts.Store;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace JitsiMesh.Hosting.Store;

/// <summary>
/// The store of a cluster. While Redis is away a call is tried again for <see cref="StoreLimits.RetryFor"/> and then throws. Redis must keep
/// its data over a restart (<c>appendonly yes</c>), or the epochs begin anew. Where Sentinels choose the master (<c>serviceName</c>), a document and a counter are written when a replica
/// has them too: the next master would otherwise lack what was done already, and give an epoch twice.
/// </summary>
public sealed partial class RedisMeshStore : IMeshStore, IAsyncDisposable
{
    private const string DocumentPrefix = "jitsimesh:doc:";
    private const string TombstonePrefix = "jitsimesh:gone:";
    private const string CounterPrefix = "jitsimesh:count:";
    private const string TallyPrefix = "jitsimesh:tally:";
    private const string Placements = "jitsimesh:placements";
    private const string FieldPrefix = "f:";
    private const string EpochField = "e";

    /// <summary>Never a replica, which may be behind.</summary>
    private const CommandFlags OnMaster = CommandFlags.DemandMaster;

    private readonly ConfigurationOptions _options;
    private readonly ILogger<RedisMeshStore> _logger;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private ConnectionMultiplexer? _sentinels;
    private ConnectionMultiplexer? _connection;

    public RedisMeshStore(string configuration, ILogger<RedisMeshStore> logger)
    {
        _options = ConfigurationOptions.Parse(configuration);
        _options.AbortOnConnectFail = false;
        _options.ConnectTimeout = 3000;
        _options.AsyncTimeout = 3000;
        _options.ReconnectRetryPolicy = new LinearRetry(250);
        _options.BacklogPolicy = BacklogPolicy.FailFast;
        _options.ClientName = "jitsimesh";
        _logger = logger;
    }

    private bool HasSentinels => !string.IsNullOrEmpty(_options.ServiceName);

    public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default) => RetryAsync(async database =>
    {
        var entries = (RedisResult[]?)await database.ScriptEvaluateAsync(RedisScripts.Read, [DocumentPrefix + key], flags: OnMaster) ?? [];
        if (entries.Length == 0) return null;
        var fields = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var epoch = 0L;
        foreach (var pair in entries.Chunk(2))
        {
            var name = (string?)pair[0] ?? "";
            if (name == EpochField) _ = long.TryParse((string?)pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out epoch);
            else if (name.StartsWith(FieldPrefix, StringComparison.Ordinal)) fields[name[FieldPrefix.Length..]] = (byte[]?)pair[1] ?? [];
        }

        return new StoredDocument(epoch, fields);
    }, cancellation);

    public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var arguments = new List<RedisValue> { epoch, change.Put.Count };
        foreach (var (name, value) in change.Put)
        {
            arguments.Add(FieldPrefix + name);
            arguments.Add(value);
        }

        arguments.AddRange(change.Remove.Where(name => !change.Put.ContainsKey(name)).Select(name => (RedisValue)(FieldPrefix + name)));
        RedisValue[] values = [.. arguments];
        return RetryAsync(async database => (bool)await KeepAsync(database, d => d.ScriptEvaluateAsync(RedisScripts.Write, [DocumentPrefix + key, TombstonePrefix + key], values, OnMaster)), cancellation);
    }

    public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default) => RetryAsync(
        async database => (bool)await KeepAsync(database, d => d.ScriptEvaluateAsync(
            RedisScripts.Delete, [DocumentPrefix + key, TombstonePrefix + key], [epoch, (long)StoreLimits.TombstoneLifetime.TotalMilliseconds], OnMaster)), cancellation);

    public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default) => RetryAsync<IReadOnlyList<string>>(async database =>
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var master = await database.IdentifyEndpointAsync(Placements, OnMaster) ?? throw new TimeoutException("No master of Redis is connected.");
        var server = database.Multiplexer.GetServer(master);
        await foreach (var key in server.KeysAsync(database.Database, Escape(DocumentPrefix + prefix) + "*", pageSize: 1000).WithCancellation(cancellation))
        {
            found.Add(key.ToString()[DocumentPrefix.Length..]);
        }

        return [.. found];
    }, cancellation);

    public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default) =>
        RetryAsync(database => KeepAsync(database, d => d.StringIncrementAsync(CounterPrefix + counter, flags: OnMaster)), cancellation);

    public async ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default) =>
        await RetryAsync(database => database.ScriptEvaluateAsync(RedisScripts.SetPlacement, [Placements], [key, value, (long)lifetime.TotalMilliseconds], OnMaster), cancellation);

    public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default) =>
        RetryAsync(async database => (string?)await database.ScriptEvaluateAsync(RedisScripts.GetPlacement, [Placements], [key], OnMaster), cancellation);

    public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default) => RetryAsync<IReadOnlyDictionary<string, string>>(async database =>
    {
        var flat = (string?[]?)await database.ScriptEvaluateAsync(RedisScripts.GetPlacements, [Placements], [prefix], OnMaster) ?? [];
        return flat.Chunk(2).ToDictionary(pair => pair[0]!, pair => pair[1]!, StringComparer.Ordinal);
    }, cancellation);

    public async ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default) =>
        await RetryAsync(database => database.HashDeleteAsync(Placements, key, OnMaster), cancellation);

    public ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default) => RetryAsync(
        async database => (long)await database.ScriptEvaluateAsync(RedisScripts.Tally, [TallyPrefix + key], [amount, (long)lifetime.TotalMilliseconds], OnMaster), cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        if (_sentinels is not null) await _sentinels.DisposeAsync();
        _opening.Dispose();
    }

    /// <summary>Every call is safe to repeat: writes are fenced and say what is, and a counter that skips a number still counts up.</summary>
    private async ValueTask<T> RetryAsync<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellation)
    {
        var until = Environment.TickCount64 + (long)StoreLimits.RetryFor.TotalMilliseconds;
        var told = false;
        while (true)
        {
            try
            {
                return await call((await ConnectAsync(cancellation)).GetDatabase()).WaitAsync(cancellation);
            }
            catch (Exception e) when (IsAway(e) && Environment.TickCount64 < until)
            {
                if (!told) LogAway(e.Message);
                told = true;
                await Task.Delay(StoreLimits.RetryPause, cancellation);
            }
        }
    }

    private static bool IsAway(Exception exception) => exception switch
    {
        RedisConnectionException or RedisTimeoutException or TimeoutException => true,
        RedisServerException server => server.Message.StartsWith("LOADING", StringComparison.Ordinal) || server.Message.StartsWith("READONLY", StringComparison.Ordinal)
            || server.Message.StartsWith("NOREPLICAS", StringComparison.Ordinal) || server.Message.StartsWith("UNBLOCKED", StringComparison.Ordinal)
            || server.Message.StartsWith("MASTERDOWN", StringComparison.Ordinal) || server.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal),
        _ => false,
    };

    private async ValueTask<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellation)
    {
        if (_connection is { } known) return known;
        await _opening.WaitAsync(cancellation);
        try
        {
            return _connection ??= HasSentinels ? await ConnectBySentinelsAsync() : await ConnectionMultiplexer.ConnectAsync(_options);
        }
        finally
        {
            _opening.Release();
        }
    }

    // As ConnectAsync does with a serviceName; but that one keeps the connection to the Sentinels for ever when it fails, and writes the addresses that it learnt over those of the Sentinels.
    private async Task<ConnectionMultiplexer> ConnectBySentinelsAsync()
    {
        var sentinels = await ConnectionMultiplexer.SentinelConnectAsync(_options.Clone());
        try
        {
            // It blocks until the master has answered.
            var master = await Task.Run(() => sentinels.GetSentinelMasterConnection(_options.Clone()));
            _sentinels = sentinels;
            return master;
        }
        catch
        {
            await sentinels.DisposeAsync();
            throw;
        }
    }

    // The wait goes behind the write on the same connection, for it is about what this connection has written: after a reconnect it would say yes to a write that the former master took.
    private async Task<T> KeepAsync<T>(IDatabase database, Func<IDatabaseAsync, Task<T>> write)
    {
        if (!HasSentinels) return await write(database);
        var batch = database.CreateBatch();
        var written = write(batch);
        var replicas = batch.ExecuteAsync("WAIT", [1, (int)StoreLimits.ReplicaPatience.TotalMilliseconds], OnMaster);
        batch.Execute();
        await Task.WhenAll(written, replicas);
        if ((int)await replicas < 1) throw new TimeoutException("Redis has written, and no replica has it.");
        return await written;
    }

    /// <summary>Takes their meaning from the characters of Redis' glob patterns.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is '*' or '?' or '[' or ']' or '\\' or '^' or '-') escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Redis is away, trying again: {Reason}")]
    private partial void LogAway(string reason);
}

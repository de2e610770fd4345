using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>
/// Connections to the servers of one list, in its order. A server that failed is tried last for <see cref="LdapLimits.DeadServer"/>. Connections of the
/// search account are separate from those on which users' passwords are checked: no search ever runs with a user's rights.
/// </summary>
internal sealed partial class LdapPool : IAsyncDisposable
{
    private readonly LdapConnectionSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ServerState[] _servers;
    private int _unverifiedSaid;
    private bool _disposed;

    public LdapPool(LdapConnectionSettings settings, TimeProvider time, ILogger logger)
    {
        _settings = settings;
        _time = time;
        _logger = logger;
        _servers = [.. settings.Servers.Select(server => new ServerState(server))];
    }

    /// <summary>Runs an operation on a connection of the search account; on the next server if one fails.</summary>
    /// <exception cref="LdapException">The operation failed on all servers.</exception>
    public Task<T> SearchAsync<T>(Func<LdapConnection, LdapServer, Task<T>> operation, ILdapObserver observer, CancellationToken cancellation) => RunAsync(state => state.Service, operation, observer, cancellation);

    /// <summary>Runs an operation on a connection for password checks.</summary>
    /// <exception cref="LdapException">The operation failed on all servers.</exception>
    public Task<T> TryPasswordAsync<T>(Func<LdapConnection, LdapServer, Task<T>> operation, ILdapObserver observer, CancellationToken cancellation) => RunAsync(state => state.Users, operation, observer, cancellation);

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var state in _servers)
        {
            await state.Service.ClearAsync();
            await state.Users.ClearAsync();
        }
    }

    private async Task<T> RunAsync<T>(Func<ServerState, Lane> laneOf, Func<LdapConnection, LdapServer, Task<T>> operation, ILdapObserver observer, CancellationToken cancellation)
    {
        LdapException? first = null;
        foreach (var state in InOrder())
        {
            try
            {
                var result = await RunOnAsync(state, laneOf(state), operation, observer, cancellation);
                state.DeadSince = null;
                return result;
            }
            catch (LdapException failure)
            {
                first ??= failure;
                if (failure.Fault is LdapFault.ServiceBindFailed or LdapFault.SearchFailed) throw;
                LogServerFailed(failure.Message, failure.Setting);
                observer.GaveUp(failure);

                // If the caller's time is over, the last server may not have been slow itself.
                if (cancellation.IsCancellationRequested) break;
                state.DeadSince = _time.GetTimestamp();
            }
        }

        throw first!;
    }

    private async Task<T> RunOnAsync<T>(ServerState state, Lane lane, Func<LdapConnection, LdapServer, Task<T>> operation, ILdapObserver observer, CancellationToken cancellation)
    {
        try
        {
            await lane.Room.WaitAsync(cancellation);
        }
        catch (OperationCanceledException e)
        {
            throw new LdapException(LdapFault.TimedOut, state.Server, $"{state.Server}: all connections are busy", e);
        }

        try
        {
            // The server may have closed an idle connection: that does not indicate a fault of the server.
            while (lane.TryTake(_time, out var resting))
            {
                try
                {
                    var early = await operation(resting, state.Server);
                    await ReturnAsync(lane, resting);
                    return early;
                }
                catch (LdapException failure) when (failure.Fault == LdapFault.Unreachable)
                {
                    await resting.DisposeAsync();
                }
                catch
                {
                    await ReturnAsync(lane, resting);
                    throw;
                }
            }

            var connection = await OpenAsync(state, lane, observer, cancellation);
            try
            {
                return await operation(connection, state.Server);
            }
            finally
            {
                await ReturnAsync(lane, connection);
            }
        }
        finally
        {
            lane.Room.Release();
        }
    }

    private async Task<LdapConnection> OpenAsync(ServerState state, Lane lane, ILdapObserver observer, CancellationToken cancellation)
    {
        var connection = await LdapConnection.OpenAsync(state.Server, _settings.Tls, observer, _time, cancellation);
        try
        {
            if (state.Server.Encrypted && !_settings.Tls.ChecksPeer && Interlocked.Exchange(ref _unverifiedSaid, 1) == 0) LogUnverified(state.Server);
            if (lane == state.Service)
            {
                if (_settings.BindName.Length > 0)
                {
                    var bound = await connection.BindAsync(_settings.Version, _settings.BindName, _settings.BindPassword, cancellation);
                    if (!bound.Succeeded) throw new LdapException(LdapFault.ServiceBindFailed, state.Server, $"{state.Server}: directory bind failed: bind as the service account failed ({bound})");
                }

                observer.ServiceBound(state.Server, _settings.BindName.Length == 0);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async ValueTask ReturnAsync(Lane lane, LdapConnection connection)
    {
        if (connection.IsUsable && !_disposed) lane.Put(connection, _time);
        else await connection.DisposeAsync();
    }

    private IEnumerable<ServerState> InOrder() => _servers.Where(state => !IsDead(state)).Concat(_servers.Where(IsDead)).ToList();

    private bool IsDead(ServerState state) => state.DeadSince is { } since && _time.GetElapsedTime(since) < LdapLimits.DeadServer;

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Failure} (look at {Setting})")]
    private partial void LogServerFailed(string failure, string setting);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "{Server}: unverified: LDAP_TLS_CHECK_PEER=0, so an attacker in between may read passwords")]
    private partial void LogUnverified(LdapServer server);

    private sealed class ServerState(LdapServer server)
    {
        public LdapServer Server => server;

        public Lane Service { get; } = new();

        public Lane Users { get; } = new();

        public long? DeadSince { get; set; }
    }

    /// <summary>Connections for one purpose to one server.</summary>
    private sealed class Lane
    {
        private readonly Lock _gate = new();
        private readonly Stack<(LdapConnection Connection, long Since)> _resting = new();

        public SemaphoreSlim Room { get; } = new(LdapLimits.ConnectionsPerServer, LdapLimits.ConnectionsPerServer);

        public bool TryTake(TimeProvider time, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out LdapConnection? connection)
        {
            List<LdapConnection> old = [];
            connection = null;
            lock (_gate)
            {
                while (connection is null && _resting.TryPop(out var top))
                {
                    if (time.GetElapsedTime(top.Since) < LdapLimits.IdleConnection) connection = top.Connection;
                    else old.Add(top.Connection);
                }
            }

            foreach (var one in old) _ = one.DisposeAsync().AsTask();
            return connection is not null;
        }

        public void Put(LdapConnection connection, TimeProvider time)
        {
            lock (_gate) _resting.Push((connection, time.GetTimestamp()));
        }

        public async Task ClearAsync()
        {
            List<LdapConnection> all;
            lock (_gate)
            {
                all = [.. _resting.Select(r => r.Connection)];
                _resting.Clear();
            }

            foreach (var one in all) await one.DisposeAsync();
        }
    }
}

/// <summary>The settings of connections to a list of servers.</summary>
/// <param name="Servers">In the order in which they are tried.</param>
/// <param name="Version">LDAP_VERSION.</param>
/// <param name="BindName">The search account; empty for anonymous.</param>
/// <param name="BindPassword">Its password.</param>
/// <param name="Tls">The TLS settings.</param>
internal sealed record LdapConnectionSettings(IReadOnlyList<LdapServer> Servers, int Version, string BindName, string BindPassword, LdapTls Tls)
{
    public override string ToString() => "LDAP connection settings";
}

using JitsiMesh.Auth.Ldap.Connections;
using JitsiMesh.Auth.Ldap.Protocol;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>Searches all directories concurrently. The results of a directory that fails or is slow are left out; the others are returned.</summary>
internal sealed partial class PeopleDirectory : IAsyncDisposable
{
    private readonly TimeSpan _timeLimit;
    private readonly TimeProvider _time;
    private readonly ILogger<PeopleDirectory> _logger;
    private readonly IReadOnlyList<(DirectorySource Source, LdapPool Pool)> _sources;
    private readonly SemaphoreSlim _room = new(DirectoryLimits.Searches, DirectoryLimits.Searches);

    public PeopleDirectory(IReadOnlyList<DirectorySource> sources, TimeSpan timeLimit, TimeProvider time, ILogger<PeopleDirectory> logger)
    {
        _timeLimit = timeLimit;
        _time = time;
        _logger = logger;
        _sources = [.. sources.Select(source => (source, new LdapPool(source.Connection, time, logger)))];
    }

    /// <returns>Sorted by name; null when too many searches are running.</returns>
    public async Task<FoundPeople?> SearchAsync(string query, CancellationToken cancellation)
    {
        if (!await _room.WaitAsync(0, cancellation)) return null;
        try
        {
            var found = await Task.WhenAll(_sources.Select(source => SearchAsync(source.Source, source.Pool, query, cancellation)));
            var people = found.SelectMany(people => people ?? []).DistinctBy(person => (person.Name, person.FirstMail, person.FirstNumber))
                .OrderBy(person => person.Name, StringComparer.InvariantCultureIgnoreCase).ThenBy(person => person.FirstMail, StringComparer.Ordinal);
            return new FoundPeople([.. people], found.Any(people => people is null));
        }
        finally
        {
            _room.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, pool) in _sources) await pool.DisposeAsync();
        _room.Dispose();
    }

    /// <returns>Null if the directory failed or was too slow.</returns>
    private async Task<IReadOnlyList<FoundPerson>?> SearchAsync(DirectorySource source, LdapPool pool, string query, CancellationToken cancellation)
    {
        if (DirectoryQuery.FilterOf(query, source) is not { } filter) return [];
        using var limit = new CancellationTokenSource(_timeLimit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var search = new LdapSearch(source.Base, source.Scope, filter, source.Fields.Read, DirectoryLimits.HitsPerSource);
            var people = await pool.SearchAsync(async (connection, server) =>
            {
                var (entries, result) = await connection.SearchAsync(search, both.Token);
                return result.Code is LdapResultCode.Success or LdapResultCode.SizeLimitExceeded or LdapResultCode.TimeLimitExceeded or LdapResultCode.AdminLimitExceeded
                    ? entries
                    : throw new LdapException(LdapFault.SearchFailed, server, $"{server}: search refused ({result})");
            }, SilentObserver.Instance, both.Token);
            return [.. people.Select(entry => PersonReader.Read(entry, source)).OfType<FoundPerson>()];
        }
        catch (LdapException failure)
        {
            if (!cancellation.IsCancellationRequested) LogFailed(source.Name, failure.Reason, failure.Message);
            return null;
        }
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "Directory {Source}: search failed ({Reason}): {Failure}")]
    private partial void LogFailed(string source, string reason, string failure);
}

using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Hosting.Store;

/// <summary>The store inside one process.</summary>
public sealed class InMemoryMeshStore(TimeProvider time) : IMeshStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Document> _documents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _counters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Value, DateTimeOffset Until)> _placements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Value, DateTimeOffset Until)> _tallies = new(StringComparer.Ordinal);

    public bool OutlivesProcess => false;

    public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            if (!_documents.TryGetValue(key, out var document) || document.DeletedUntil is not null) return ValueTask.FromResult<StoredDocument?>(null);
            return ValueTask.FromResult<StoredDocument?>(new StoredDocument(document.Epoch, new Dictionary<string, byte[]>(document.Fields, StringComparer.Ordinal)));
        }
    }

    public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
        {
            ForgetOldTombstones();
            if (!_documents.TryGetValue(key, out var document)) _documents[key] = document = new Document();
            if (document.Epoch > epoch) return ValueTask.FromResult(false);
            document.Epoch = epoch;
            document.DeletedUntil = null;
            foreach (var field in change.Remove) document.Fields.Remove(field);
            foreach (var (field, value) in change.Put) document.Fields[field] = value.ToArray();
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            ForgetOldTombstones();
            if (!_documents.TryGetValue(key, out var document)) _documents[key] = document = new Document();
            if (document.Epoch > epoch) return ValueTask.FromResult(false);
            document.Epoch = epoch;
            document.Fields.Clear();
            document.DeletedUntil = time.GetUtcNow() + StoreLimits.TombstoneLifetime;
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<string>>(
                [.. _documents.Where(d => d.Value.DeletedUntil is null && d.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(d => d.Key)]);
        }
    }

    public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            var next = _counters.GetValueOrDefault(counter) + 1;
            _counters[counter] = next;
            return ValueTask.FromResult(next);
        }
    }

    public ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_placements.Count >= 1024 && _placements.Count % 1024 == 0)
            {
                foreach (var gone in _placements.Where(p => p.Value.Until <= now).Select(p => p.Key).ToList()) _placements.Remove(gone);
            }

            _placements[key] = (value, now + lifetime);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_placements.TryGetValue(key, out var placement) && placement.Until > time.GetUtcNow() ? placement.Value : null);
        }
    }

    public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            return ValueTask.FromResult<IReadOnlyDictionary<string, string>>(_placements
                .Where(p => p.Value.Until > now && p.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(p => p.Key, p => p.Value.Value, StringComparer.Ordinal));
        }
    }

    public ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            _placements.Remove(key);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_tallies.TryGetValue(key, out var tally) && tally.Until <= now)
            {
                _tallies.Remove(key);
                tally = default;
            }

            if (amount == 0 || (amount < 0 && tally == default)) return ValueTask.FromResult(tally.Value);
            if (_tallies.Count >= 1024 && _tallies.Count % 1024 == 0)
            {
                foreach (var gone in _tallies.Where(t => t.Value.Until <= now).Select(t => t.Key).ToList()) _tallies.Remove(gone);
            }

            var sum = Math.Max(0, tally.Value + amount);
            _tallies[key] = (sum, tally == default ? now + lifetime : tally.Until);
            return ValueTask.FromResult(sum);
        }
    }

    private void ForgetOldTombstones()
    {
        // Rarely cleaned up: a process that opens and closes a thousand rooms keeps about a thousand small tombstones at a time.
        if (_documents.Count < 1024 || _documents.Count % 256 != 0) return;
        var now = time.GetUtcNow();
        foreach (var gone in _documents.Where(d => d.Value.DeletedUntil <= now).Select(d => d.Key).ToList()) _documents.Remove(gone);
    }

    private sealed class Document
    {
        public long Epoch { get; set; }

        public DateTimeOffset? DeletedUntil { get; set; }

        public Dictionary<string, byte[]> Fields { get; } = new(StringComparer.Ordinal);
    }
}

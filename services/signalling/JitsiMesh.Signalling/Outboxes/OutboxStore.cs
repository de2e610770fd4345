using System.Globalization;
using System.Text;
using System.Text.Json;
using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Signalling.Outboxes;

/// <summary>
/// The entries of one kind in the store. One document lists them all, in two fields each: <c>e:ID</c> is written by the process that puts the entry and removed by the one that has delivered it,
/// <c>s:ID</c>, the tries so far, by the latter alone; so two writers never write one field, and what was removed does not come back. Each put has a number. Its payloads stand in the block of
/// that number, one of <see cref="OutboxLimits.Blocks"/> documents that are never deleted: deleting a document would leave a tombstone for each. A payload's field, <c>NUMBER/ID</c>, is written
/// once, after the list: one that the list does not name under this number is nobody's any more. Nothing is fenced: a former sender at worst delivers twice.
/// </summary>
internal sealed class OutboxStore(IMeshStore store, string kind)
{
    private const long Epoch = 1;
    private const string EntryPrefix = "e:";
    private const string StatePrefix = "s:";

    private readonly string _list = "outbox/" + kind;

    /// <summary>Three calls for each <see cref="OutboxLimits.BatchEntries"/>, whole or not at all; an exception says nothing of those before.</summary>
    /// <param name="entries">In their order.</param>
    /// <param name="now">When those were put that do not say so themselves.</param>
    /// <param name="cancellation">Of the calls.</param>
    public async Task PutAsync(IReadOnlyList<OutboxEntry> entries, DateTimeOffset now, CancellationToken cancellation)
    {
        for (var begin = 0; begin < entries.Count;)
        {
            var (end, length) = (begin, 0L);
            while (end < entries.Count && end - begin < OutboxLimits.BatchEntries && (end == begin || length + entries[end].Payload.Length <= OutboxLimits.BatchLength)) length += entries[end++].Payload.Length;
            await PutBatchAsync(entries, begin, end, now, cancellation);
            begin = end;
        }
    }

    /// <summary>All that wait. Those that <paramref name="known"/> has are not read anew.</summary>
    /// <param name="known">Ids.</param>
    /// <param name="block">The block in which payloads are looked for that nobody lists.</param>
    /// <param name="cancellation">Of the calls.</param>
    public async Task<Found> ListAsync(IReadOnlySet<string> known, int block, CancellationToken cancellation)
    {
        var found = new Found([], [], [], []);
        // Before the list: a process that wrote a payload had listed it by then.
        var payloads = await store.ReadAsync(BlockOf(block), cancellation);
        var fields = (await store.ReadAsync(_list, cancellation))?.Fields ?? new Dictionary<string, byte[]>();
        found.Orphans.AddRange(payloads?.Fields.Keys.Where(field => !IsListed(fields, field)) ?? []);
        foreach (var (field, value) in fields)
        {
            if (field.StartsWith(EntryPrefix, StringComparison.Ordinal))
            {
                var id = field[EntryPrefix.Length..];
                if (known.Contains(id)) found.Known.Add(id);
                else if (Read<Listed>(value) is { OrderKey: not null } listed) found.New.Add((id, listed, fields.TryGetValue(StatePrefix + id, out var state) ? Read<State>(state) : null));
                else found.Unreadable.Add(field);
            }
            else if (!field.StartsWith(StatePrefix, StringComparison.Ordinal) || !fields.ContainsKey(EntryPrefix + field[StatePrefix.Length..]))
            {
                // The state of an entry that a former sender wrote after its end, or what nobody of us wrote.
                found.Unreadable.Add(field);
            }
        }

        return found;
    }

    public Task DropAsync(IReadOnlyCollection<string> fields, CancellationToken cancellation) => store.WriteAsync(_list, Epoch, new DocumentChange { Remove = fields }, cancellation).AsTask();

    public Task DropPayloadsAsync(int block, IReadOnlyCollection<string> fields, CancellationToken cancellation) =>
        store.WriteAsync(BlockOf(block), Epoch, new DocumentChange { Remove = fields }, cancellation).AsTask();

    /// <summary>The number under which an entry is listed now; null where it is not. It has another one when it was put again.</summary>
    public async Task<long?> NumberAsync(string id, CancellationToken cancellation) =>
        await store.ReadAsync(_list, cancellation) is { } document && document.Fields.TryGetValue(EntryPrefix + id, out var value) ? Read<Listed>(value)?.Sequence : null;

    /// <summary>Null where it is not there.</summary>
    public async Task<string?> PayloadAsync(string id, long number, CancellationToken cancellation) =>
        await store.ReadAsync(BlockOf(number), cancellation) is { } document && document.Fields.TryGetValue(FieldOf(id, number), out var payload) ? Encoding.UTF8.GetString(payload) : null;

    public Task SaveAsync(string id, State state, CancellationToken cancellation) =>
        store.WriteAsync(_list, Epoch, new DocumentChange { Put = new Dictionary<string, byte[]> { [StatePrefix + id] = JsonSerializer.SerializeToUtf8Bytes(state) } }, cancellation).AsTask();

    /// <summary>The payloads first: a process that dies in between leaves none that is not listed.</summary>
    public async Task RemoveAsync(IReadOnlyCollection<(string Id, long Number)> entries, CancellationToken cancellation)
    {
        foreach (var block in entries.GroupBy(entry => BlockOf(entry.Number))) await store.WriteAsync(block.Key, Epoch, new DocumentChange { Remove = [.. block.Select(entry => FieldOf(entry.Id, entry.Number))] }, cancellation);
        await DropAsync([.. entries.SelectMany(entry => (string[])[EntryPrefix + entry.Id, StatePrefix + entry.Id])], cancellation);
    }

    private async Task PutBatchAsync(IReadOnlyList<OutboxEntry> entries, int begin, int end, DateTimeOffset now, CancellationToken cancellation)
    {
        var number = await store.NextAsync(_list, cancellation);
        var (listed, payloads) = (new Dictionary<string, byte[]>(), new Dictionary<string, byte[]>());
        for (var i = begin; i < end; i++)
        {
            var entry = entries[i];
            listed[EntryPrefix + entry.Id] = JsonSerializer.SerializeToUtf8Bytes(new Listed(number, entry.OrderKey, entry.FirstTime == default ? now : entry.FirstTime, i - begin));
            if (entry.Tries > 0 || entry.DueTime != default) listed[StatePrefix + entry.Id] = JsonSerializer.SerializeToUtf8Bytes(new State(entry.Tries, entry.DueTime));
            payloads[FieldOf(entry.Id, number)] = Encoding.UTF8.GetBytes(entry.Payload);
        }

        await store.WriteAsync(_list, Epoch, new DocumentChange { Put = listed }, cancellation);
        await store.WriteAsync(BlockOf(number), Epoch, new DocumentChange { Put = payloads }, cancellation);
    }

    private static bool IsListed(IReadOnlyDictionary<string, byte[]> list, string payload)
    {
        var cut = payload.IndexOf('/', StringComparison.Ordinal);
        return cut > 0 && list.TryGetValue(EntryPrefix + payload[(cut + 1)..], out var value) && Read<Listed>(value) is { } listed && FieldOf("", listed.Sequence) == payload[..(cut + 1)];
    }

    private static T? Read<T>(byte[] value)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(value);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string FieldOf(string id, long number) => string.Create(CultureInfo.InvariantCulture, $"{number}/{id}");

    private string BlockOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{_list}/{Math.Abs(number % OutboxLimits.Blocks)}");

    /// <param name="Sequence">The number of the put.</param>
    /// <param name="OrderKey">Of the entry.</param>
    /// <param name="First">When it was put first.</param>
    /// <param name="Index">Its place among those of one put.</param>
    internal sealed record Listed(long Sequence, string OrderKey, DateTimeOffset First, int Index = 0);

    internal sealed record State(int Tries, DateTimeOffset Due);

    /// <param name="New">Entries that were not known.</param>
    /// <param name="Known">Ids of entries that were.</param>
    /// <param name="Unreadable">Fields of the list that mean nothing.</param>
    /// <param name="Orphans">Fields of the block that the list does not name.</param>
    internal sealed record Found(List<(string Id, Listed Listed, State? State)> New, HashSet<string> Known, List<string> Unreadable, List<string> Orphans);
}
